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
            "Finds the address of a kernel symbol, or the symbol that an address of the kernel belongs to.",
            "vmi sym memory.elf init_task",
            "vmi sym memory.elf 0xffffffff81000123 --json") =>
        Add(_symbol);

    protected override void Run(CommandContext context)
    {
        var wanted = context.Value(_symbol);
        var profile = context.Linux.Kernel.Profile;
        // A name with a distance, `name+0x10`, is an address like any other; a bare one may have several symbols.
        var found = wanted is { Symbol: { } name, Number: 0 }
            ? [.. profile.Symbols.Find(name)
                .Select(symbol => new SymbolJson(symbol.Name, NumberText.Hex(symbol.Address), 0, symbol.Type.ToString()))]
            : At(profile, wanted.Resolve(context.Linux.Kernel));
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
            context.Output.Line($"{symbol.Address} {symbol.Type ?? "?"} {place}");
        }
    }

    private static List<SymbolJson> At(Profile profile, Va address)
    {
        var location = profile.Resolve(address)
            ?? throw new VmiException($"{NumberText.Hex(address)} lies outside the kernel's image: no symbol is known for it.");
        var symbol = address - location.Offset;
        var type = profile.Symbols.Find(location.Name).FirstOrDefault(each => each.Address == symbol).Type;
        return [new SymbolJson(location.Name, NumberText.Hex(symbol), location.Offset, type == 0 ? null : type.ToString())];
    }
}
