using System.Globalization;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;
using Vmi.Targets;

namespace Vmi.Cli.Commands;

/// <summary>`list`: the VMs that run here.</summary>
internal sealed class ListCommand : VmiCommand
{
    public ListCommand()
        : base("list", "Lists the virtual machines that run on this host.", "vmi list", "vmi list --json")
    {
        Add(CommonOptions.Json);
        Runs(Run);
    }

    private static void Run(CommandContext context)
    {
        var vms = VmiTarget.List();
        if (context.IsJson)
        {
            context.Output.Json(
                [.. vms.Select(vm => new VmJson(vm.Target, vm.Name, vm.Pid, vm.Program, vm.Accelerator, vm.MemoryBytes))],
                CliJson.Default.IReadOnlyListVmJson);
            return;
        }

        var table = new TextTable("TARGET", "NAME", Column.Number("PID"), "PROGRAM", "ACCELERATOR", Column.Number("MEMORY"));
        foreach (var vm in vms)
        {
            var memory = vm.MemoryBytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MiB") : null;
            table.Add(vm.Target ?? "(no monitor)", vm.Name, NumberText.Decimal(vm.Pid), vm.Program, vm.Accelerator, memory);
        }

        context.Output.Table(table);
    }
}
