using System.Buffers.Binary;
using System.Numerics;

namespace Vmi.Symbols;

/// <summary>
/// Finds numbers (of types, of symbols) by name: keys of 32 bits of hash above a 32-bit number, in buckets by the upper bits of the hash,
/// so that equal names stand in the order of their numbers. A guest can choose names that collide: that costs a linear search among
/// them, no more.
/// </summary>
internal sealed class NameIndex
{
    private const ulong Factor = 0x9E37_79B9_7F4A_7C15;

    private readonly ulong[] _keys;
    private readonly int[] _starts;
    private readonly int _shift;

    /// <summary>Makes an index.</summary>
    /// <param name="keys">A <see cref="Key"/> for each name, in the order of their numbers.</param>
    public NameIndex(ReadOnlySpan<ulong> keys)
    {
        // About one name a bucket.
        var bits = Math.Clamp(BitOperations.Log2((uint)keys.Length | 2), 1, 20);
        _shift = 64 - bits;
        _starts = new int[(1 << bits) + 2];
        // Counted two places up: what is placed moves a bucket's start to its end, which is the start of the next.
        foreach (var key in keys)
            _starts[(key >> _shift) + 2]++;
        for (var i = 2; i < _starts.Length; i++)
            _starts[i] += _starts[i - 1];
        _keys = new ulong[keys.Length];
        foreach (var key in keys)
            _keys[_starts[(key >> _shift) + 1]++] = key;
    }

    /// <summary>The key of a name.</summary>
    public static ulong Key(ReadOnlySpan<byte> name, int number) => (ulong)Hash(name) << 32 | (uint)number;

    /// <summary>The numbers of the names that have the hash of a name, ascending: nearly all are of that name.</summary>
    public Matches Find(ReadOnlySpan<byte> name)
    {
        var hash = Hash(name);
        var bucket = (ulong)hash << 32 >> _shift;
        return new Matches(_keys.AsSpan(_starts[bucket].._starts[bucket + 1]), hash);
    }

    private static uint Hash(ReadOnlySpan<byte> name)
    {
        var hash = (ulong)name.Length;
        for (; name.Length >= sizeof(ulong); name = name[sizeof(ulong)..])
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(name));
        var rest = 0UL;
        foreach (var character in name)
            rest = rest << 8 | character;
        return (uint)(Mix(hash, rest) >> 32);
    }

    private static ulong Mix(ulong hash, ulong word) => (BitOperations.RotateLeft(hash, 29) ^ word) * Factor;

    /// <summary>The numbers found, for foreach.</summary>
    public ref struct Matches(ReadOnlySpan<ulong> bucket, uint hash)
    {
        private readonly ReadOnlySpan<ulong> _bucket = bucket;
        private int _at = -1;

        public readonly int Current => (int)(uint)_bucket[_at];

        public readonly Matches GetEnumerator() => this;

        public bool MoveNext()
        {
            while (++_at < _bucket.Length)
                if (_bucket[_at] >> 32 == hash)
                    return true;
            return false;
        }
    }
}
