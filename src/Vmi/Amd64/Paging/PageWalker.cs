using System.Runtime.CompilerServices;

namespace Vmi.Amd64;

/// <summary>The page walk of the CPU (Intel SDM volume 3, chapter 4). At most five entries are read, whatever they hold.</summary>
internal static class PageWalker
{
    public static bool TryWalk<TObserver>(
        PageTableReader tables, Va va, Pa root, PagingMode mode, ref TObserver observer,
        out PageTranslation translation, out TranslationFault fault)
        where TObserver : struct, IWalkObserver =>
        // Most guests' walk, compiled for that alone: what depends on the mode is then known.
        mode.Levels == PagingLevels.Four
            ? TryWalkIn(tables, va, root, mode with { Levels = PagingLevels.Four }, ref observer, out translation, out fault)
            : TryWalkIn(tables, va, root, mode, ref observer, out translation, out fault);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryWalkIn<TObserver>(
        PageTableReader tables, Va va, Pa root, PagingMode mode, ref TObserver observer,
        out PageTranslation translation, out TranslationFault fault)
        where TObserver : struct, IWalkObserver
    {
        translation = default;
        if (!IsCanonical(va, mode.Levels))
        {
            fault = new TranslationFault { Address = va.Value, Root = root, Cause = TranslationFaultCause.NonCanonical };
            return false;
        }

        fault = default;
        if (mode.Levels == PagingLevels.None)
        {
            translation = new PageTranslation
            {
                Pa = new Pa(va.Value),
                PageShift = Frame.Shift,
                Writable = true,
                User = true,
                Executable = true,
            };
            return true;
        }

        var table = new Cr3(root.Value).Root(mode.Levels);
        var addressMask = PageTableEntry.AddressMask(mode);
        bool writable = true, user = true, executable = true;
        for (var level = TopLevel(mode.Levels); ; level--)
        {
            var address = EntryAddress(table, va, level, mode);
            if (!TryReadEntry(tables, address, mode, out var entry))
            {
                fault = Fault(va, root, level, address, default, TranslationFaultCause.TableMissing);
                return false;
            }

            observer.Read(level, address, entry.Value);
            if (!entry.Present)
            {
                fault = Fault(va, root, level, address, entry, TranslationFaultCause.NotPresent);
                return false;
            }

            if (entry.HasReservedBits(level, mode, addressMask))
            {
                fault = Fault(va, root, level, address, entry, TranslationFaultCause.ReservedBit);
                return false;
            }

            // The entries of PAE's top table have no rights.
            if (level != 3 || mode.Levels != PagingLevels.Pae)
            {
                writable &= entry.Writable;
                user &= entry.User;
                executable &= !entry.NoExecute;
            }

            table = entry.Target(level, mode, addressMask);
            if (!entry.IsLeaf(level, mode))
                continue;
            var shift = PageTableEntry.PageShift(level, mode);
            translation = new PageTranslation
            {
                Pa = table + (va.Value & ((1UL << shift) - 1)),
                PageShift = shift,
                Writable = writable,
                User = user,
                Executable = executable,
            };
            return true;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsCanonical(Va va, PagingLevels levels) => levels switch
    {
        PagingLevels.Four => (long)(va.Value << 16) >> 16 == (long)va.Value,
        PagingLevels.Five => (long)(va.Value << 7) >> 7 == (long)va.Value,
        _ => va.Value <= uint.MaxValue,
    };

    private static int TopLevel(PagingLevels levels) => levels switch
    {
        PagingLevels.Legacy => 2,
        PagingLevels.Pae => 3,
        PagingLevels.Four => 4,
        _ => 5,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pa EntryAddress(Pa table, Va va, int level, PagingMode mode)
    {
        var index = va.Value >> PageTableEntry.PageShift(level, mode);
        return mode.Levels == PagingLevels.Legacy
            ? table + (index & 0x3FF) * sizeof(uint)
            : table + (index & 0x1FF) * sizeof(ulong);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadEntry(PageTableReader tables, Pa address, PagingMode mode, out PageTableEntry entry)
    {
        bool succeeded;
        ulong value;
        if (mode.Levels == PagingLevels.Legacy)
        {
            succeeded = tables.TryReadUInt32(address, out var narrow);
            value = narrow;
        }
        else
        {
            succeeded = tables.TryReadUInt64(address, out value);
        }

        entry = new PageTableEntry(value);
        return succeeded;
    }

    private static TranslationFault Fault(
        Va va, Pa root, int level, Pa address, PageTableEntry entry, TranslationFaultCause cause) =>
        new() { Address = va.Value, Root = root, Level = level, Entry = entry.Value, EntryAddress = address, Cause = cause };
}
