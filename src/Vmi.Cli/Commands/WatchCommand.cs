using System.CommandLine;
using System.CommandLine.Parsing;
using Vmi.Cli.Events;
using Vmi.Cli.Options;
using Vmi.Cli.Text;

namespace Vmi.Cli.Commands;

/// <summary>`watch`: who touches memory.</summary>
internal sealed class WatchCommand : EventCommand
{
    private const int MostLength = 8;

    private readonly Argument<AddressExpression> _address = CommonOptions.Address();
    private readonly EventPlaceOptions _place;
    private readonly Option<int> _length = new("--length")
    {
        Description = "How many bytes: 1, 2, 4 or 8, at a multiple of that; 8 if not said.",
        HelpName = "BYTES",
        DefaultValueFactory = _ => MostLength,
        CustomParser = ParseLength,
    };

    private readonly Option<bool> _read = new("--read") { Description = "Show who reads it; with --write, who does either." };
    private readonly Option<bool> _write = new("--write") { Description = "Show who writes it, which is what is done if neither is said." };

    public WatchCommand()
        : base(
            "watch",
            "touches",
            "Shows each time memory of a running VM is touched: who, where, and the value before and after.",
            "vmi watch qemu:/run/vm/qmp.sock jiffies --count 3",
            "vmi watch qemu:pid=4711 0x7ffc12345000 --length 4 --read --write --pid 123 --json")
    {
        Add(_address);
        Add(_length);
        Add(_read);
        Add(_write);
        _place = new EventPlaceOptions(this);
    }

    protected override void Run(CommandContext context)
    {
        var length = context.Value(_length);
        var place = _place.Resolve(context, context.Value(_address));
        if (place.Va.Value % (ulong)length != 0)
            throw new VmiException($"{NumberText.Hex(place.Va)} is no multiple of {length}: watch fewer bytes with --length.");
        var access = (context.Value(_read) ? MemoryAccess.Read : MemoryAccess.None)
            | (context.Value(_write) ? MemoryAccess.Write : MemoryAccess.None);
        if (access == MemoryAccess.None)
            access = MemoryAccess.Write;
        Follow(context, session => new WatchHandler(context, session, place, length, access, _place, Count(context)));
    }

    private static int ParseLength(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Numbers.TryParse(text, out var length) && length is 1 or 2 or 4 or MostLength)
            return (int)length;
        result.AddError($"'{text}' is not 1, 2, 4 or {MostLength}.");
        return 0;
    }
}
