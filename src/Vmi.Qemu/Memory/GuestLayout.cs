using System.Globalization;

namespace Vmi.Qemu;

/// <summary>Where guest physical memory is on the host, at one moment.</summary>
internal sealed class GuestLayout
{
    private const int Attempts = 3;

    private readonly GuestRange[] _ranges;

    private GuestLayout(List<GuestRange> ranges)
    {
        _ranges = [.. ranges];
        MemoryMap = Merge(ranges);
    }

    /// <summary>The memory that exists, adjacent ranges as one.</summary>
    public IReadOnlyList<PhysicalRange> MemoryMap { get; }

    /// <summary>The ranges, ascending.</summary>
    public IReadOnlyList<GuestRange> Ranges => _ranges;

    /// <summary>Asks QEMU for the layout and finds each range in the process.</summary>
    /// <param name="monitor">Where to ask.</param>
    /// <param name="process">The QEMU process.</param>
    /// <param name="map">Maps the file below an area, one of all those given; null to leave it unmapped.</param>
    /// <exception cref="VmiDriverException">QEMU does not answer, or names addresses that its process has not mapped.</exception>
    public static GuestLayout Read(IQemuMonitor monitor, HostProcess process, Func<HostArea, IReadOnlyList<HostArea>, SharedFile?> map)
    {
        // The guest may change the layout between the two questions; then the region's name differs, and both are asked again.
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (TryLocate(monitor, FlatViewParser.Parse(monitor.Human("info mtree -f")), out var located))
                return new GuestLayout(Resolve(located, process, map));
        }
        throw new VmiDriverException("The guest's memory layout changes too fast to be read: pause the VM and attach again.");
    }

    /// <summary>Finds the range that holds an address.</summary>
    public bool TryFind(ulong address, out GuestRange range)
    {
        int low = 0, high = _ranges.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            ref readonly var candidate = ref _ranges[middle];
            if (address < candidate.Start)
            {
                high = middle - 1;
            }
            else if (address - candidate.Start >= candidate.Length)
            {
                low = middle + 1;
            }
            else
            {
                range = candidate;
                return true;
            }
        }
        range = default;
        return false;
    }

    /// <summary>Parses "Host virtual address for 0x0 (pc.ram) is 0x7f60a7e00000"; false for any other answer.</summary>
    internal static bool TryParseHostAddress(string answer, out string region, out ulong address)
    {
        const string Middle = ") is 0x";
        (region, address) = ("", 0);
        var open = answer.IndexOf(" (", StringComparison.Ordinal);
        var close = answer.LastIndexOf(Middle, StringComparison.Ordinal);
        if (open < 0 || close < open + 2)
            return false;
        region = answer[(open + 2)..close];
        return ulong.TryParse(
            answer.AsSpan(close + Middle.Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out address);
    }

    /// <summary>Splits a range where the mapping that it lies in, or what backs it, changes.</summary>
    internal static void Split(
        FlatRange range, ulong hostAddress, IReadOnlyList<HostArea> areas, Func<HostArea, SharedFile?> map, List<GuestRange> result)
    {
        var done = 0ul;
        foreach (var area in areas)
        {
            var at = hostAddress + done;
            if (area.End <= at)
                continue;
            if (area.Start > at || done == range.Length)
                break;
            var length = Math.Min(range.Length - done, area.End - at);
            var file = area.IsSharedFile ? map(area) : null;
            var offset = file is null ? 0 : (long)(area.Offset + (at - area.Start));
            Append(result, new GuestRange(range.Start + done, length, at, range.Writable, file, offset, area.IsAnonymous));
            done += length;
        }
        if (done < range.Length)
            throw new VmiDriverException(
                $"QEMU says that {range.Region} is at 0x{hostAddress:x}, where its process has nothing mapped: is this the right process?");
    }

    private static bool TryLocate(IQemuMonitor monitor, IReadOnlyList<FlatRange> ranges, out List<(FlatRange, ulong)> located)
    {
        located = [];
        foreach (var range in ranges)
        {
            var answer = monitor.Human(string.Create(CultureInfo.InvariantCulture, $"gpa2hva 0x{range.Start:x}"));
            if (!TryParseHostAddress(answer, out var region, out var address) || region != range.Region)
                return false;
            if (address > ulong.MaxValue - range.Length)
                throw QmpMessage.Unexpected("gpa2hva");
            located.Add((range, address));
        }
        return true;
    }

    private static List<GuestRange> Resolve(
        List<(FlatRange Range, ulong Address)> located, HostProcess process, Func<HostArea, IReadOnlyList<HostArea>, SharedFile?> map)
    {
        var areas = HostArea.Parse(ProcFiles.Read(process.Pid, "maps"));
        if (areas.Count == 0)
            throw process.IsAlive ? HostAccess.NoRight(process.Pid) : HostAccess.Gone(process.Pid);
        var result = new List<GuestRange>();
        foreach (var (range, address) in located)
            Split(range, address, areas, area => map(area, areas), result);
        return result;
    }

    private static void Append(List<GuestRange> ranges, GuestRange range)
    {
        if (ranges.Count > 0)
        {
            var last = ranges[^1];
            if (last.Start + last.Length == range.Start && last.HostAddress + last.Length == range.HostAddress
                && last.Writable == range.Writable && ReferenceEquals(last.File, range.File) && last.IsAnonymous == range.IsAnonymous
                && (last.File is null || last.FileOffset + (long)last.Length == range.FileOffset))
            {
                ranges[^1] = last with { Length = last.Length + range.Length };
                return;
            }
        }
        ranges.Add(range);
    }

    private static List<PhysicalRange> Merge(List<GuestRange> ranges)
    {
        var map = new List<PhysicalRange>();
        foreach (var range in ranges)
        {
            if (map.Count > 0 && map[^1].End.Value == range.Start)
                map[^1] = map[^1] with { Length = map[^1].Length + range.Length };
            else
                map.Add(new PhysicalRange(new Pa(range.Start), range.Length));
        }
        return map;
    }
}
