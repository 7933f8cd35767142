using System.Globalization;

namespace Vmi.Qemu;

/// <summary>Reads the answer of `info mtree -f`: one flat view per set of address spaces, of which "memory" is what the vCPUs see.</summary>
internal static class FlatViewParser
{
    /// <summary>More ranges than any machine has.</summary>
    public const int MaxRanges = 65536;

    private const string ViewHeading = "FlatView #";
    private const string AddressSpaceOfMemory = "AS \"memory\",";

    /// <summary>The RAM and ROM of address space "memory", ascending; ranges that continue one another are one.</summary>
    /// <exception cref="VmiDriverException">There is no such view, or its ranges overlap or make no sense.</exception>
    public static IReadOnlyList<FlatRange> Parse(string text)
    {
        var ranges = new List<FlatRange>();
        var inMemory = false;
        foreach (var rawLine in text.AsSpan().EnumerateLines())
        {
            var line = rawLine.Trim();
            if (line.StartsWith(ViewHeading, StringComparison.Ordinal))
            {
                if (inMemory)
                    break;
            }
            else if (line.StartsWith(AddressSpaceOfMemory, StringComparison.Ordinal))
                inMemory = true;
            else if (inMemory && TryParseRange(line, out var range))
                Add(ranges, range);
        }
        if (ranges.Count == 0)
            throw new VmiDriverException("QEMU's `info mtree -f` shows no RAM in an address space \"memory\": is this machine running?");
        return ranges;
    }

    /// <summary>Parses `START-END (prio N, TYPE): NAME[ @OFFSET][ KVM]`; false for what is not memory of the host: devices, headings.</summary>
    private static bool TryParseRange(ReadOnlySpan<char> line, out FlatRange range)
    {
        range = default;
        var open = line.IndexOf(" (prio ");
        var close = line.IndexOf("): ");
        if (open < 0 || close < open)
            return false;
        var bounds = line[..open];
        var dash = bounds.IndexOf('-');
        if (dash < 0 || !TryHex(bounds[..dash], out var start) || !TryHex(bounds[(dash + 1)..], out var end))
            return false;
        // "ramd" is the memory of a passed-through device, which a read may change; "romd" is flash in its reading mode.
        var type = line[open..close];
        type = type[(type.LastIndexOf(' ') + 1)..];
        if (type is not ("ram" or "rom" or "romd" or "nvdimm"))
            return false;
        if (end < start || end - start == ulong.MaxValue)
            throw new VmiDriverException($"QEMU's `info mtree -f` has a range that ends before it starts: {line}");

        var name = line[(close + 3)..];
        ulong offset = 0;
        var at = name.LastIndexOf(" @");
        if (at >= 0)
        {
            var digits = name[(at + 2)..];
            var blank = digits.IndexOf(' ');
            if (!TryHex(blank < 0 ? digits : digits[..blank], out offset))
                return false;
            name = name[..at];
        }
        else if (name.EndsWith(" KVM", StringComparison.Ordinal))
            name = name[..^4];
        range = new FlatRange(start, end - start + 1, name.Trim().ToString(), offset, type is "ram" or "nvdimm");
        return true;
    }

    private static void Add(List<FlatRange> ranges, FlatRange range)
    {
        if (ranges.Count == MaxRanges)
            throw new VmiDriverException($"QEMU's `info mtree -f` has more than {MaxRanges} ranges of memory.");
        if (ranges.Count > 0)
        {
            var last = ranges[^1];
            if (range.Start < last.Start || range.Start - last.Start < last.Length)
                throw new VmiDriverException($"QEMU's `info mtree -f` has overlapping ranges at 0x{range.Start:x}.");
            if (range.Start - last.Start == last.Length && range.Region == last.Region && range.Writable == last.Writable
                && range.Offset == unchecked(last.Offset + last.Length))
            {
                ranges[^1] = last with { Length = last.Length + range.Length };
                return;
            }
        }
        ranges.Add(range);
    }

    private static bool TryHex(ReadOnlySpan<char> digits, out ulong value) =>
        ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
