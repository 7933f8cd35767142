namespace Vmi;

/// <summary>A bit field of a structure: the integer that holds it and which of its bits it has.</summary>
/// <param name="Offset">Bytes from the start of the structure to the integer.</param>
/// <param name="Size">Bytes in the integer: 1, 2, 4 or 8.</param>
/// <param name="BitOffset">The lowest bit, counted from the integer's least significant one.</param>
/// <param name="BitCount">How many bits; 1 to 64.</param>
public readonly record struct BitField(ulong Offset, ulong Size, int BitOffset, int BitCount)
{
    /// <summary>The integer that holds it.</summary>
    public Field Field => new(Offset, Size);

    /// <summary>Picks the field out of the integer's value.</summary>
    public ulong Extract(ulong value) => (value >> BitOffset) & (BitCount >= 64 ? ulong.MaxValue : (1UL << BitCount) - 1);
}
