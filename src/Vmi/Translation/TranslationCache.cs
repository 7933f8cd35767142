using System.Numerics;

namespace Vmi;

/// <summary>
/// Remembers translations by (root, page), for pages of 4 KiB, 2 or 4 MiB and 1 GiB. Lookups take no lock and allocate nothing. An
/// entry counts in the generation in which its walk began, so that forgetting everything is one increment elsewhere.
/// </summary>
internal sealed class TranslationCache
{
    private readonly Entry[] _entries;
    private readonly int _hashShift;

    // The sizes of large pages that were remembered, each a power of two.
    private int _largeSizes;

    // The newest generation of which there is an entry: nothing is looked for that can't be here.
    private long _newest;

    public TranslationCache(int entries)
    {
        // A power of two, and two at least: a place is the hash's upper bits.
        _entries = new Entry[Math.Max(2, BitOperations.RoundUpToPowerOf2((uint)entries))];
        _hashShift = 64 - BitOperations.Log2((uint)_entries.Length);
    }

    public bool TryFind(ulong space, Va va, long generation, out PageTranslation translation)
    {
        translation = default;
        if (Volatile.Read(ref _newest) < generation)
            return false;
        if (TryFind(space, va, Frame.Shift, generation, out translation))
            return true;
        for (var sizes = _largeSizes; sizes != 0; sizes &= sizes - 1)
        {
            if (TryFind(space, va, BitOperations.TrailingZeroCount(sizes), generation, out translation))
                return true;
        }

        return false;
    }

    public void Add(ulong space, Va va, long generation, in PageTranslation translation)
    {
        if (translation.PageShift != Frame.Shift && (_largeSizes & 1 << translation.PageShift) == 0)
            Interlocked.Or(ref _largeSizes, 1 << translation.PageShift);
        ref var entry = ref EntryOf(space, va, translation.PageShift);
        var sequence = Volatile.Read(ref entry.Sequence);
        // An odd number means that another thread is writing: it may have the place.
        if ((sequence & 1) != 0 || Interlocked.CompareExchange(ref entry.Sequence, sequence + 1, sequence) != sequence)
            return;
        if (_newest < generation)
            _newest = generation;
        entry.Space = space;
        entry.Page = TagOf(va, translation.PageShift);
        entry.Generation = generation;
        entry.Target = (translation.Pa.Value & ~((1UL << translation.PageShift) - 1))
            | (translation.Writable ? 1u : 0) | (translation.User ? 2u : 0) | (translation.Executable ? 4u : 0) | 8;
        Volatile.Write(ref entry.Sequence, sequence + 2);
    }

    /// <summary>Forgets one page; says what it translated to.</summary>
    public bool Remove(ulong space, Va va, long generation, out PageTranslation translation)
    {
        var found = TryFind(space, va, generation, out translation);
        if (found)
        {
            ref var entry = ref EntryOf(space, va, translation.PageShift);
            var sequence = Volatile.Read(ref entry.Sequence);
            if ((sequence & 1) == 0 && Interlocked.CompareExchange(ref entry.Sequence, sequence + 1, sequence) == sequence)
            {
                entry.Target = 0;
                Volatile.Write(ref entry.Sequence, sequence + 2);
            }
        }

        return found;
    }

    private bool TryFind(ulong space, Va va, int shift, long generation, out PageTranslation translation)
    {
        ref var entry = ref EntryOf(space, va, shift);
        var sequence = Volatile.Read(ref entry.Sequence);
        var target = entry.Target;
        var fits = entry.Space == space && entry.Page == TagOf(va, shift) && entry.Generation == generation && target != 0;
        // The fields belong together only if nobody wrote while they were read.
        Volatile.ReadBarrier();
        if (!fits || (sequence & 1) != 0 || entry.Sequence != sequence)
        {
            translation = default;
            return false;
        }

        translation = new PageTranslation
        {
            Pa = new Pa((target & ~(ulong)(Frame.Size - 1)) | (va.Value & ((1UL << shift) - 1))),
            PageShift = shift,
            Writable = (target & 1) != 0,
            User = (target & 2) != 0,
            Executable = (target & 4) != 0,
        };
        return true;
    }

    private static ulong TagOf(Va va, int shift) => ((va.Value >> shift) << 6) | (uint)shift;

    private ref Entry EntryOf(ulong space, Va va, int shift)
    {
        var hash = (TagOf(va, shift) ^ (space * 0x9E3779B97F4A7C15)) * 0xD6E8FEB86659FD93;
        return ref _entries[hash >> _hashShift];
    }

    private struct Entry
    {
        public long Sequence;
        public long Generation;
        public ulong Space;
        public ulong Page;

        /// <summary>The physical address of the page's start; bits 0-2 its rights; bit 3 says that the entry is used.</summary>
        public ulong Target;
    }
}
