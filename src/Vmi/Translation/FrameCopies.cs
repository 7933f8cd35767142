namespace Vmi;

/// <summary>
/// Copies of frames for small reads, in buffers that are used again and again: on a VM that runs they are stale at each event. Any number
/// of threads read without a lock; what changes under a reader's eyes is noticed by the slot's version, and the reader asks elsewhere.
/// </summary>
internal sealed class FrameCopies(int capacity)
{
    private readonly Slot?[] _slots = new Slot?[capacity];

    /// <summary>Reads a part of a frame that is here.</summary>
    public bool TryRead(Gfn gfn, long generation, int offset, Span<byte> destination) =>
        Volatile.Read(ref _slots[IndexOf(gfn)]) is { } slot && slot.TryRead(gfn, generation, offset, destination);

    /// <summary>Copies a frame from the driver, and reads a part of it; false if the frame is not there, or its slot is in other use.</summary>
    public bool TryFill(IVmiRead reader, Gfn gfn, long generation, int offset, Span<byte> destination)
    {
        ref var place = ref _slots[IndexOf(gfn)];
        var slot = Volatile.Read(ref place);
        if (slot is null)
        {
            slot = new Slot();
            slot = Interlocked.CompareExchange(ref place, slot, null) ?? slot;
        }

        return slot.TryFill(reader, gfn, generation, offset, destination);
    }

    /// <summary>Forgets a frame. One that another thread copies at this moment is not: it looks for writes when it is done.</summary>
    /// <returns>Whether it was here.</returns>
    public bool Remove(Gfn gfn, long generation) => Volatile.Read(ref _slots[IndexOf(gfn)])?.TryForget(gfn, generation) is true;

    public void Clear() => Array.Clear(_slots);

    private int IndexOf(Gfn gfn) => (int)((gfn.Value * 0x9E3779B97F4A7C15 >> 32) % (uint)_slots.Length);

    private sealed class Slot
    {
        private const long Nothing = 0; // Generations begin at 1.

        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Frame.Size);
        private Gfn _gfn;
        private long _generation = Nothing;

        // Odd while the rest is being changed.
        private int _version;

        public bool TryRead(Gfn gfn, long generation, int offset, Span<byte> destination)
        {
            var version = Volatile.Read(ref _version);
            if ((version & 1) != 0 || _gfn != gfn || _generation != generation)
                return false;
            _bytes.AsSpan(offset, destination.Length).CopyTo(destination);
            Interlocked.MemoryBarrier(); // The copying is done before the version is looked at again.
            return Volatile.Read(ref _version) == version;
        }

        public bool TryFill(IVmiRead reader, Gfn gfn, long generation, int offset, Span<byte> destination)
        {
            if (!TryOwn(out var version))
                return false;
            _generation = Nothing;
            try
            {
                if (reader.Read(gfn.Pa, _bytes) != Frame.Size)
                    return false;
                (_gfn, _generation) = (gfn, generation);
                _bytes.AsSpan(offset, destination.Length).CopyTo(destination);
                return true;
            }
            finally
            {
                Volatile.Write(ref _version, version + 2);
            }
        }

        public bool TryForget(Gfn gfn, long generation)
        {
            if (!TryOwn(out var version))
                return false;
            var isHere = _gfn == gfn && _generation == generation;
            if (isHere)
                _generation = Nothing;
            Volatile.Write(ref _version, version + 2);
            return isHere;
        }

        private bool TryOwn(out int version)
        {
            version = Volatile.Read(ref _version);
            return (version & 1) == 0 && Interlocked.CompareExchange(ref _version, version + 1, version) == version;
        }
    }
}
