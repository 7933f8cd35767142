using System.Globalization;
using System.Text;
using Vmi.Guests;

namespace Vmi.Live.Tests;

/// <summary>
/// A line for each thing that the guest printed, and the same line for what the library or the command says of it. What changes by
/// itself is left out by the rule beside it.
/// </summary>
internal static class TruthLines
{
    /// <summary>Kernel workers come, go and are renamed: those are left out.</summary>
    public static IEnumerable<string> Processes(GuestTruth truth) => truth.Processes.Where(each => each.IsLasting)
        .Select(each => Process((uint)each.Id, (uint)each.ParentId, each.Name, each.State, each.IsKernelThread, each.StartTicks))
        .Order(StringComparer.Ordinal);

    public static string Process(uint id, uint parent, string name, char state, bool isKernelThread, ulong ticks) =>
        $"{id} {parent} {name} {State(id, state, isKernelThread)} {isKernelThread} {ticks}";

    public static bool IsLasting(string name, bool isKernelThread) =>
        !isKernelThread || !name.StartsWith("kworker/", StringComparison.Ordinal);

    public static IEnumerable<string> Threads(TruthProcess process) => process.Threads
        .Select(each => Thread((uint)process.Id, (uint)each.Id, each.Name, each.State, process.IsKernelThread, each.StartTicks))
        .Order(StringComparer.Ordinal);

    public static string Thread(uint process, uint id, string name, char state, bool isKernelThread, ulong ticks) =>
        $"{process} {id} {name} {State(process, state, isKernelThread)} {ticks}";

    /// <summary>`[vsyscall]` is no area of the process's: the kernel adds the line.</summary>
    public static IEnumerable<string> Regions(TruthProcess process) => process.Mappings.Where(each => each.Path != "[vsyscall]")
        .Select(each => Region(each.Start, each.End, each.Protection, each.Offset, each.Device, each.Inode, each.Path));

    public static string Region(ulong start, ulong end, string protection, ulong offset, string device, ulong inode, string? path) =>
        $"{start:x}-{end:x} {protection} {offset:x} {device} {inode} {path}";

    public static IEnumerable<string> Modules(GuestTruth truth) => truth.Modules
        .Select(each => Module(each.Name, each.Size, each.References, each.UsedBy, each.State, each.Address));

    public static string Module(string name, ulong size, int? references, IEnumerable<string> usedBy, string state, ulong address) =>
        $"{name} {size} {references} {string.Join(',', usedBy)} {state.ToLowerInvariant()} {address:x}";

    public static IEnumerable<string> Log(GuestTruth truth) => truth.LogRecords
        .Select(each => $"{each.Facility}.{each.Level} {each.Sequence} {each.Microseconds} {each.Text}");

    /// <summary>/dev/kmsg escapes what is not printable, and counts microseconds.</summary>
    public static string LogRecord(int facility, int level, ulong sequence, ulong nanoseconds, ReadOnlySpan<byte> text)
    {
        var escaped = new StringBuilder();
        foreach (var each in text)
        {
            if (each is < 0x20 or >= 0x7F or (byte)'\\')
                escaped.Append(CultureInfo.InvariantCulture, $"\\x{each:x2}");
            else
                escaped.Append((char)each);
        }

        return $"{facility}.{level} {sequence} {nanoseconds / 1000} {escaped}";
    }

    /// <summary>Hundredths of a second, as /proc counts.</summary>
    public static ulong Ticks(ulong nanoseconds) => nanoseconds / 10_000_000;

    /// <summary>The printer saw itself run. Kernel threads wake and sleep as they like.</summary>
    private static char State(uint process, char state, bool isKernelThread) =>
        isKernelThread || process == GuestTruth.PrinterId ? '-' : state;
}
