using System.CommandLine;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>`namespaces`: those of processes, and their control groups.</summary>
internal sealed class NamespacesCommand : TargetCommand
{
    private readonly Argument<uint?> _pid = ProcessArgument.OneOrAll();

    private readonly Option<bool> _tree = new("--tree")
    {
        Description = "Draw the control groups with the processes in them. JSON stays a list: `control_group` tells it.",
    };

    public NamespacesCommand()
        : base(
            "namespaces",
            "Lists the namespaces of all processes, or of one, as /proc/PID/ns does, their pids in them, and their control group.",
            "vmi namespaces memory.elf",
            "vmi namespaces memory.elf --tree",
            "vmi namespaces memory.elf 1 --json")
    {
        Add(_pid);
        Add(_tree);
    }

    protected override void Run(CommandContext context)
    {
        _ = context.Linux;
        var processes = context.Still(() => ProcessArgument.Processes(context, _pid).Select(Describe).ToList());
        if (context.IsJson)
            context.Output.Json(processes, CliJson.Default.IReadOnlyListNamespacesJson);
        else
            context.Output.Table(context.Value(_tree) ? Drawn(processes) : List(processes));
    }

    private static TextTable List(List<NamespacesJson> processes)
    {
        var table = new TextTable(
            Column.Number("PID"), "NAME", "PIDS", Column.Number("CGROUP"), Column.Number("IPC"), Column.Number("MNT"), Column.Number("NET"),
            Column.Number("PID"), Column.Number("TIME"), Column.Number("USER"), Column.Number("UTS"), "CONTROL GROUP");
        foreach (var process in processes)
        {
            table.Add(
                NumberText.Decimal(process.Pid), process.Name, string.Join(' ', process.Pids.Select(pid => NumberText.Decimal(pid))),
                NumberText.Decimal(process.Cgroup), NumberText.Decimal(process.Ipc), NumberText.Decimal(process.Mnt),
                NumberText.Decimal(process.Net), NumberText.Decimal(process.PidNamespace), NumberText.Decimal(process.Time),
                NumberText.Decimal(process.User), NumberText.Decimal(process.Uts), process.ControlGroup);
        }

        return table;
    }

    private static TextTable Drawn(List<NamespacesJson> processes)
    {
        var table = new TextTable(Column.Number("PID"), "CONTROL GROUP");
        foreach (var (process, text) in new ControlGroupTree(processes).Lines())
            table.Add(NumberText.Decimal(process?.Pid), text);
        return table;
    }

    private static NamespacesJson Describe(LinuxProcess process)
    {
        var namespaces = process.Namespaces();
        return new NamespacesJson(
            process.Id.Value, process.Name, namespaces.Pids, namespaces.Cgroup, namespaces.Ipc, namespaces.Mount, namespaces.Network,
            namespaces.Pid, namespaces.PidForChildren, namespaces.Time, namespaces.TimeForChildren, namespaces.User, namespaces.Uts,
            namespaces.ControlGroup);
    }
}
