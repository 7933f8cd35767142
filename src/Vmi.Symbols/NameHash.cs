namespace Vmi.Symbols;

/// <summary>
/// Indexes of names are sorted arrays of keys: 32 bits of hash above a 32-bit number (a type, a symbol), so that equal names stand
/// in the order of their numbers.
/// </summary>
internal static class NameHash
{
    /// <summary>FNV-1a, 32 bits. A guest can choose colliding names: that costs a linear search among them, no more.</summary>
    public static uint Of(ReadOnlySpan<byte> name)
    {
        var hash = 2166136261u;
        foreach (var b in name)
            hash = unchecked((hash ^ b) * 16777619u);
        return hash;
    }

    /// <summary>The key of a name.</summary>
    public static ulong Key(ReadOnlySpan<byte> name, int number) => (ulong)Of(name) << 32 | (uint)number;

    /// <summary>Whether the key at an index exists and has a hash.</summary>
    public static bool IsMatch(ulong[] keys, int index, uint hash) => index < keys.Length && (uint)(keys[index] >> 32) == hash;

    /// <summary>Where the keys of a hash start.</summary>
    public static int FirstIndex(ulong[] keys, uint hash)
    {
        var index = Array.BinarySearch(keys, (ulong)hash << 32);
        return index < 0 ? ~index : index;
    }
}
