using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Vmi.Linux;

/// <summary>
/// A table of ORC entries as the kernel keeps it: the addresses, each as its distance from its own place, in rising order; and beside them
/// the entries. It stays in the guest: a look-up reads a few words of it.
/// </summary>
/// <param name="kernel">What reads.</param>
/// <param name="addresses">`orc_unwind_ip`.</param>
/// <param name="entries">`orc_unwind`.</param>
/// <param name="count">How many there are.</param>
internal sealed class OrcTable(KernelReader kernel, Va addresses, Va entries, ulong count)
{
    // So many addresses are read at once: the last steps of the search are made in the copy.
    private const int Block = 64;

    /// <summary>The table between the kernel's own symbols; null if the kernel has none, or its parts don't agree.</summary>
    public static OrcTable? OfKernel(KernelReader kernel)
    {
        var profile = kernel.Kernel.Profile;
        if (!profile.HasType("orc_entry")
            || !profile.TryGetSymbol("__start_orc_unwind_ip", out var addresses)
            || !profile.TryGetSymbol("__stop_orc_unwind_ip", out var addressesEnd)
            || !profile.TryGetSymbol("__start_orc_unwind", out var entries)
            || !profile.TryGetSymbol("__stop_orc_unwind", out var entriesEnd))
            return null;
        var count = (addressesEnd - addresses) / sizeof(int);
        return addressesEnd > addresses && entriesEnd > entries && (entriesEnd - entries) / kernel.Layouts.Orc.Size == count
            ? Create(kernel, addresses, entries, count)
            : null;
    }

    /// <summary>A table of the kernel or of a module; null if no such table can be.</summary>
    public static OrcTable? Create(KernelReader kernel, Va addresses, Va entries, ulong count) =>
        kernel.Kernel.Profile.HasType("orc_entry") && count > 0 && count <= (ulong)kernel.Limits.TableBytes / kernel.Layouts.Orc.Size
        && addresses.IsUpperHalf && entries.IsUpperHalf
            ? new OrcTable(kernel, addresses, entries, count)
            : null;

    /// <summary>The entry of the code at an address: the last of those at or below it.</summary>
    public bool TryFind(ulong address, out OrcEntry entry)
    {
        entry = default;
        var (low, high) = (0UL, count);
        while (high - low > Block)
        {
            var middle = low + (high - low) / 2;
            if (!kernel.TryReadUInt32(At(middle), out var distance))
                return false;
            if (AddressOf(middle, (int)distance) <= address)
                low = middle;
            else
                high = middle;
        }

        Span<int> distances = stackalloc int[(int)(high - low)];
        if (!kernel.TryRead(At(low), MemoryMarshal.AsBytes(distances)))
            return false;
        var found = distances.Length - 1;
        while (found >= 0 && AddressOf(low + (ulong)found, Little(distances[found])) > address)
            found--;
        if (found < 0 || !kernel.TryReadStruct(entries + (low + (ulong)found) * kernel.Layouts.Orc.Size, kernel.Layouts.Orc, out var read))
            return false;
        entry = kernel.Layouts.Orc.Decode(read);
        return true;
    }

    private static int Little(int value) => BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);

    private Va At(ulong index) => addresses + index * sizeof(int);

    private ulong AddressOf(ulong index, int distance) => unchecked(At(index).Value + (ulong)(long)distance);
}
