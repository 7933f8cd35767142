namespace Vmi;

/// <summary>A run of guest physical memory that exists.</summary>
/// <param name="Start">The first byte.</param>
/// <param name="Length">Bytes; not 0.</param>
public readonly record struct PhysicalRange(Pa Start, ulong Length)
{
    /// <summary>The first byte after the range.</summary>
    public Pa End => Start + Length;

    /// <summary>Whether the range holds the byte at <paramref name="address"/>.</summary>
    public bool Contains(Pa address) => address >= Start && address - Start < Length;
}
