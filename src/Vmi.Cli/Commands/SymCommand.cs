using System.CommandLine;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;
using Vmi.Symbols;

namespace Vmi.Cli.Commands;

/// <summary>`sym`: a kernel symbol by its name, or by an address.</summary>
internal sealed class SymCommand : TargetCommand
{
    private readonly Argument<AddressExpression> _symbol = CommonOptions.Address("NAME|ADDRESS");

    public SymCommand()
        : base(
            "sym",
            "Finds the address of a symbol of the kernel or of a module, or the symbol that an address of theirs belongs to.",
            "vmi sym memory.elf init_task",
            "vmi sym memory.elf 0xffffffff81000123 --json") =>
        Add(_symbol);

    protected override void Run(CommandContext context)
    {
        var wanted = context.Value(_symbol);
        // A name with a distance, `name+0x10`, is an address like any other; a bare one may have several symbols.
        var found = context.Still(() => wanted is { Symbol: { } name, Number: 0 }
            ? Named(context, name)
            : [At(context, wanted.Resolve(context.Linux.Kernel))]);
        if (found.Count == 0)
            _ = wanted.Resolve(context.Linux.Kernel);
        if (context.IsJson)
        {
            context.Output.Json(found, CliJson.Default.IReadOnlyListSymbolJson);
            return;
        }

        foreach (var symbol in found)
        {
            var place = symbol.Offset == 0 ? symbol.Name : $"{symbol.Name}+{NumberText.Hex(symbol.Offset)}";
            var module = symbol.Module is null ? "" : $" [{symbol.Module}]";
            context.Output.Line($"{symbol.Address} {symbol.Type ?? "?"} {place}{module}");
        }
    }

    /// <summary>Those of the kernel, else those of its modules: their tables are read one after the other.</summary>
    private static List<SymbolJson> Named(CommandContext context, string name)
    {
        var found = context.Linux.Kernel.Profile.Symbols.Find(name).Select(symbol => Describe(symbol, 0, null)).ToList();
        if (found.Count != 0)
            return found;
        foreach (var module in context.Complete(context.Linux.Modules()))
            found.AddRange(context.Complete(module.Symbols(), module.Name)
                .Where(symbol => symbol.Name == name).Select(symbol => Describe(symbol, 0, module.Name)));
        return found;
    }

    private static SymbolJson At(CommandContext context, Va address)
    {
        var profile = context.Linux.Kernel.Profile;
        if (profile.Resolve(address) is { } location)
            return Describe(
                profile.Symbols.Find(location.Name).First(each => each.Address == address - location.Offset), location.Offset, null);
        if (context.Complete(context.Linux.Modules()).FirstOrDefault(each => each.Contains(address)) is not { } module)
            throw new VmiException(
                $"{NumberText.Hex(address)} lies in neither the kernel's image nor a module: no symbol is known for it.");
        return module.Resolve(address) is { } place
            ? Describe(
                module.Symbols().First(each => each.Name == place.Name && each.Address == address - place.Offset), place.Offset, module.Name)
            : throw new VmiException($"{NumberText.Hex(address)} lies in the module {module.Name}, before its first symbol there.");
    }

    private static SymbolJson Describe(Symbols.Symbol symbol, ulong offset, string? module) => new(
        symbol.Name, NumberText.Hex(symbol.Address), offset,
        symbol.Type == SymbolTable.UnknownType ? null : symbol.Type.ToString(), module);
}
