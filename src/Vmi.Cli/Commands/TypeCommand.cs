using System.CommandLine;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Symbols;

namespace Vmi.Cli.Commands;

/// <summary>`type`: how the guest's kernel lays a type out.</summary>
internal sealed class TypeCommand : TargetCommand
{
    private readonly Argument<string> _name = new("NAME")
    {
        Description = "A structure, union, enumeration or typedef: task_struct, atomic_t.",
    };

    private readonly Option<string?> _module = new("--module")
    {
        Description = "Look among the types of this module first, then among those of the kernel.",
        HelpName = "NAME",
    };

    public TypeCommand()
        : base(
            "type",
            "Shows the layout of a type of the kernel: each member after its offset and size in bytes.",
            "vmi type memory.elf task_struct",
            "vmi type memory.elf list_head --json",
            "vmi type memory.elf mapped_device --module dm_mod")
    {
        Add(_name);
        Add(_module);
    }

    protected override void Run(CommandContext context)
    {
        var name = context.Value(_name)!;
        // As C writes it is fine too.
        foreach (var keyword in (ReadOnlySpan<string>)["struct ", "union ", "enum "])
            name = name.StartsWith(keyword, StringComparison.Ordinal) ? name[keyword.Length..].Trim() : name;
        var module = context.Value(_module);
        var types = module is null ? context.Linux.Kernel.Profile.Types : context.Still(() => TypesOf(context, module));
        if (!types.TryGetLayout(name, out var layout))
            throw new VmiException($"{(module is null ? "The kernel has" : $"The kernel and its module {module} have")} no type {name}.");
        if (context.IsJson)
            context.Output.Json(Describe(layout), CliJson.Default.TypeJson);
        else
            foreach (var line in layout.ToString().Split('\n'))
                context.Output.Line(line);
    }

    private static BtfTypes TypesOf(CommandContext context, string name)
    {
        var module = context.Complete(context.Linux.Modules()).FirstOrDefault(each => each.Name == name)
            ?? throw new VmiException($"There is no module {name} (`vmi modules` lists them).");
        return module.Types() ?? throw new VmiException($"The kernel keeps no types (BTF) of the module {name}.");
    }

    private static TypeJson Describe(TypeLayout layout) => new(
        layout.Name,
        layout.Kind.ToString().ToLowerInvariant(),
        layout.Size,
        layout.Target,
        Describe(layout.Members),
        [.. layout.Enumerators.Select(each => new EnumeratorJson(each.Name, each.Value))]);

    private static IReadOnlyList<MemberJson> Describe(IReadOnlyList<TypeMember> members) =>
    [
        .. members.Select(member => new MemberJson(
            member.Name.Length == 0 ? null : member.Name, member.TypeName, member.Offset, member.Size, member.BitOffset, member.BitCount,
            Describe(member.Members))),
    ];
}
