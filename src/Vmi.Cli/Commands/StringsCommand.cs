using System.CommandLine;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;

namespace Vmi.Cli.Commands;

/// <summary>`strings`: the printable texts in memory.</summary>
internal sealed class StringsCommand : TargetCommand
{
    private const string Ascii = "ascii", Utf16 = "utf16";

    private readonly Option<uint?> _pid = CommonOptions.Pid("In what this process has in memory, instead of physical memory.");
    private readonly Option<int?> _least = new("--min-length", "-n")
    {
        Description = "The least characters of a text; 4 where nothing is said.",
        HelpName = "N",
        CustomParser = result => Numbers.Count(MostCharacters)(result),
    };

    private readonly Option<string?> _encoding = new("--encoding")
    {
        Description = "Only texts in ASCII, or only those in UTF-16, little-endian.",
        HelpName = $"{Ascii}|{Utf16}",
    };

    public StringsCommand()
        : base(
            "strings",
            "Shows the printable texts in physical memory, or in that of a process. Ctrl-C ends it with what was found.",
            "vmi strings memory.elf",
            "vmi strings memory.elf --pid 1 -n 8",
            "vmi strings qemu:name=debian --encoding utf16 --json")
    {
        _encoding.AcceptOnlyFromAmong(Ascii, Utf16);
        Add(_pid);
        Add(_least);
        Add(_encoding);
    }

    /// <summary>As many as a text has before it goes on as the next.</summary>
    private static int MostCharacters => VmiLimits.Default.StringBytes;

    protected override TimeSpan TimeLimit => Timeout.InfiniteTimeSpan;

    protected override void Run(CommandContext context)
    {
        if (context.Value(_pid) is not null)
            _ = context.Linux;
        _ = context.Core;
        var cancellation = context.Interruptible();
        context.StillWriting(output => Find(context, output, cancellation));
    }

    private void Find(CommandContext context, Output output, CancellationToken cancellation)
    {
        using var progress = new Progress("looking for texts");
        var encoding = context.Value(_encoding);
        var options = new MemoryStringOptions
        {
            FindsNarrow = encoding != Utf16,
            FindsWide = encoding != Ascii,
            Progress = progress.Report,
        };
        if (context.Value(_least) is { } least)
            options = options with { LeastCharacters = least };
        var memory = context.Value(_pid) is { } pid ? new ProcessMemory(context, pid) : null;
        using var list = context.IsJson ? output.JsonList(CliJson.Default.StringJson) : null;
        var table = Table(output, memory is not null);
        var incomplete = memory is null
            ? context.Core.FindPhysicalStrings(Take, options, cancellation)
            : context.Core.FindVirtualStrings(memory.Root, default, ProcessMemory.End, Take, options, cancellation);
        if (incomplete is not null)
            context.Missing(incomplete);

        void Take(MemoryString found)
        {
            var (address, region) = (NumberText.Hex(found.Address), memory?.RegionAt(new Va(found.Address)));
            var encoding = found.IsWide ? Utf16 : Ascii;
            if (list is not null)
                list.Add(new StringJson(address, region, encoding, found.Text));
            else if (memory is null)
                table.Add(address, encoding, found.Text);
            else
                table.Add(address, encoding, region, found.Text);
        }
    }

    private static EventTable Table(Output output, bool hasRegions)
    {
        const int PhysicalWidth = 12, VirtualWidth = 14, EncodingWidth = 8, RegionWidth = 27;
        (Column, int)[] columns = hasRegions
            ? [("ADDRESS", VirtualWidth), ("ENCODING", EncodingWidth), ("REGION", RegionWidth), ("TEXT", 0)]
            : [("ADDRESS", PhysicalWidth), ("ENCODING", EncodingWidth), ("TEXT", 0)];
        return new EventTable(output, columns) { IsFlushed = false };
    }
}
