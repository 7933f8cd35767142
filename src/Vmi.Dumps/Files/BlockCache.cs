namespace Vmi.Dumps;

/// <summary>
/// The blocks unpacked last, at most <see cref="Bytes"/> of them. Any thread may use it: a slot holds one object that never changes, so
/// that no reader sees half a block, and no lock is needed.
/// </summary>
internal sealed class BlockCache
{
    /// <summary>The bytes that the blocks of one cache have at most, unless a single block has more.</summary>
    public const int Bytes = 16 << 20;

    private readonly Slot?[] _slots;

    /// <summary>A cache of blocks that have at most <paramref name="blockBytes"/> bytes.</summary>
    public BlockCache(int blockBytes) => _slots = new Slot?[Math.Max(Bytes / Math.Max(blockBytes, Frame.Size), 1)];

    /// <summary>A block by its number; null if it is not here.</summary>
    public byte[]? Find(long number) =>
        Volatile.Read(ref _slots[(ulong)number % (ulong)_slots.Length]) is { } slot && slot.Number == number ? slot.Bytes : null;

    /// <summary>Keeps a block, which must not be changed any more, in place of another.</summary>
    public void Keep(long number, byte[] bytes) =>
        Volatile.Write(ref _slots[(ulong)number % (ulong)_slots.Length], new Slot(number, bytes));

    private sealed record Slot(long Number, byte[] Bytes);
}
