using Vmi.Cli.Json;
using Vmi.Cli.Text;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>`modules`: the kernel's modules.</summary>
internal sealed class ModulesCommand() : TargetCommand(
    "modules", "Lists the modules of the kernel.", "vmi modules memory.elf", "vmi modules qemu:name=debian --json")
{
    protected override void Run(CommandContext context)
    {
        var linux = context.Linux;
        var modules = context.Still(() => context.Complete(linux.Modules()).Select(module => Describe(context, module)).ToList());
        if (context.IsJson)
        {
            context.Output.Json(modules, CliJson.Default.IReadOnlyListModuleJson);
            return;
        }

        var table = new TextTable("NAME", "ADDRESS", Column.Number("SIZE"), Column.Number("REFERENCES"), "STATE", "USED BY");
        foreach (var module in modules)
        {
            table.Add(
                module.Name, module.Address, NumberText.Decimal(module.Size), NumberText.Decimal(module.References), module.State,
                string.Join(',', module.UsedBy));
        }

        context.Output.Table(table);
    }

    private static ModuleJson Describe(CommandContext context, LinuxModule module) => new(
        module.Name,
        NumberText.Hex(module.BaseAddress),
        module.Size,
        module.State.ToString().ToLowerInvariant(),
        NumberText.Hex(module.Taints),
        module.References,
        context.Complete(module.UsedBy(), $"module {module.Name}"),
        module.Version,
        module.SourceVersion,
        NumberText.Hex(module.Object));
}
