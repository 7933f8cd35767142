using System.CommandLine;
using System.Text;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>`search`: where bytes or a text stand in memory.</summary>
internal sealed class SearchCommand : TargetCommand
{
    /// <summary>How much is shown from a match on, whatever its length.</summary>
    private const int ShownBytes = 32;

    private readonly Argument<string> _pattern = new("PATTERN") { Description = "What to look for: a text, or bytes with --hex." };
    private readonly Option<bool> _hex = new("--hex")
    {
        Description = "The pattern is bytes in hexadecimal digits; ? is any digit, ?? any byte: \"48 8b ?? 2? c3\".",
    };

    private readonly Option<bool> _wide = new("--utf16") { Description = "The text stands there as UTF-16, little-endian." };
    private readonly Option<uint?> _pid = CommonOptions.Pid("In what this process has in memory, instead of physical memory.");
    private readonly Option<int> _count = new("--count")
    {
        Description = "End after this many matches.",
        HelpName = "N",
        CustomParser = Numbers.Count(int.MaxValue),
    };

    public SearchCommand()
        : base(
            "search",
            "Finds bytes or a text in physical memory, or in that of a process. Ctrl-C ends it with what was found.",
            "vmi search memory.elf \"BEGIN OPENSSH PRIVATE KEY\"",
            "vmi search memory.elf \"48 8b ?? 2? c3\" --hex --count 10",
            "vmi search qemu:name=debian password --utf16 --pid 1")
    {
        Add(_pattern);
        Add(_hex);
        Add(_wide);
        Add(_pid);
        Add(_count);
        Validators.Add(result =>
        {
            var isHex = result.GetResult(_hex) is not null;
            if (isHex && result.GetResult(_wide) is not null)
            {
                result.AddError("--hex and --utf16 exclude each other.");
                return;
            }

            try
            {
                if (result.GetResult(_pattern) is { Tokens: [{ Value: var text }] })
                    _ = Pattern(text, isHex, false);
            }
            catch (Exception exception) when (exception is FormatException or ArgumentException)
            {
                result.AddError(exception.Message);
            }
        });
    }

    protected override TimeSpan TimeLimit => Timeout.InfiniteTimeSpan;

    protected override void Run(CommandContext context)
    {
        var pattern = Pattern(context.Value(_pattern)!, context.Value(_hex), context.Value(_wide));
        var linux = context.Value(_pid) is null ? null : context.Linux;
        _ = context.Core;
        var cancellation = context.Interruptible();
        var matches = context.Still(() => Search(context, pattern, linux, cancellation));
        if (context.IsJson)
        {
            context.Output.Json([.. matches.Select(match => match.Json)], CliJson.Default.IReadOnlyListMatchJson);
            return;
        }

        var table = linux is null ? new TextTable("ADDRESS", "BYTES", "TEXT") : new TextTable("ADDRESS", "REGION", "BYTES", "TEXT");
        foreach (var (json, bytes) in matches)
        {
            // The first 16: more is too wide for a terminal.
            var shown = bytes.AsSpan(0, Math.Min(bytes.Length, ShownBytes / 2));
            string[] cells = [Convert.ToHexStringLower(shown), HexDump.Text(bytes)];
            table.Add(linux is null ? [json.Address, .. cells] : [json.Address, json.Region, .. cells]);
        }

        context.Output.Table(table);
    }

    private static BytePattern Pattern(string text, bool isHex, bool isWide) =>
        isHex ? BytePattern.ParseHex(text) : new BytePattern((isWide ? Encoding.Unicode : Encoding.UTF8).GetBytes(text));

    private List<(MatchJson Json, byte[] Bytes)> Search(
        CommandContext context, BytePattern pattern, LinuxOs? linux, CancellationToken cancellation)
    {
        using var progress = new Progress("searching");
        var options = new MemorySearchOptions
        {
            MostMatches = context.Value(_count) is > 0 and var most ? most : null,
            Progress = progress.Report,
        };
        if (linux is null)
        {
            return [.. context.Complete(context.Core.SearchPhysical(pattern, options, cancellation))
                .Select(address => Describe(context, address, address.Value, null))];
        }

        var memory = new ProcessMemory(context, context.Value(_pid)!.Value);
        return [.. context.Complete(context.Core.SearchVirtual(memory.Root, default, ProcessMemory.End, pattern, options, cancellation))
            .Select(address => Describe(context, (address, memory.Root), address.Value, memory.RegionAt(address)))];
    }

    private static (MatchJson Json, byte[] Bytes) Describe(CommandContext context, AccessContext access, ulong address, string? region)
    {
        var bytes = new byte[ShownBytes];
        if (!context.Core.TryRead(access, bytes, out var fault))
            bytes = bytes[..(int)unchecked(fault.Address - address)];
        return (new MatchJson(NumberText.Hex(address), region, Convert.ToHexStringLower(bytes)), bytes);
    }
}
