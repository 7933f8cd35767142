namespace Vmi.Symbols;

/// <summary>Chooses the integer through which a bit field is read.</summary>
internal static class BitFields
{
    /// <summary>
    /// The naturally aligned integer of the declared type, as the compiler lays bit fields out; where a packed structure makes the
    /// field cross it, or the integer would reach beyond the structure, the smallest integer that holds the field.
    /// </summary>
    /// <returns>False for what is no bit field of at most 64 bits.</returns>
    public static bool TryPlace(BtfTypes types, BtfMember member, ulong structSize, out BitField field)
    {
        field = default;
        if (member.BitCount is < 1 or > 64 || !types.TryGetSize(member.TypeId, out var size) || size is not (1 or 2 or 4 or 8))
            return false;
        var offset = member.BitOffset / 8 / size * size;
        if (!Holds(offset, size) || offset + size > structSize)
        {
            offset = member.BitOffset / 8;
            size = 1;
            while (size < 8 && !Holds(offset, size))
                size *= 2;
            if (!Holds(offset, size))
                return false;
        }

        field = new BitField(offset, size, (int)(member.BitOffset - offset * 8), member.BitCount);
        return true;

        bool Holds(ulong offset, ulong size) => member.BitOffset - offset * 8 + (ulong)member.BitCount <= size * 8;
    }
}
