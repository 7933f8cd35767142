using Vmi.Amd64;

namespace Vmi.Qemu;

/// <summary>
/// Whether a vCPU meets an address in the address space that was asked for. A CR3 names an address space in more than one way: with
/// page-table isolation a process has two roots, and every process's root maps the one kernel.
/// </summary>
internal sealed class AddressSpaces(VmiCore memory)
{
    private const int EntryBits = 9;

    /// <summary>
    /// Whether <paramref name="root"/> means the space of <paramref name="wanted"/> at an address: it is the same; or its top-level entry
    /// for the address leads to the same table; or, in the upper half, which is the system's own, the same memory is mapped.
    /// </summary>
    public bool Matches(Va address, Pa wanted, Pa root, PagingMode mode)
    {
        if (root == wanted || mode.Levels == PagingLevels.None)
            return true;
        if (mode.Levels is not (PagingLevels.Four or PagingLevels.Five))
            return false;
        if (TryReadTop(address, wanted, mode, out var other) && TryReadTop(address, root, mode, out var top) && top == other)
            return true;
        if (!address.IsUpperHalf)
            return false;
        return memory.TryTranslate((address, wanted), out var asked, out _)
            && memory.TryTranslate((address, root), out var met, out _)
            && asked.Pa == met.Pa;
    }

    /// <summary>Where the top-level entry for an address leads to; false if it is not present.</summary>
    private bool TryReadTop(Va address, Pa root, PagingMode mode, out Pa target)
    {
        target = default;
        var level = mode.Levels == PagingLevels.Five ? 5 : 4;
        var index = address.Value >> (Frame.Shift + (level - 1) * EntryBits) & ((1 << EntryBits) - 1);
        if (!memory.TryReadUInt64(root + index * sizeof(ulong), out var value, out _))
            return false;
        var entry = new PageTableEntry(value);
        if (!entry.Present)
            return false;
        target = entry.Target(level, mode);
        return true;
    }
}
