namespace Vmi.Dumps;

/// <summary>Guest physical memory that lies in one piece in a file.</summary>
/// <param name="Start">The physical address of the first byte.</param>
/// <param name="Length">Bytes; not 0.</param>
/// <param name="Offset">Where the first byte is in the file.</param>
internal readonly record struct FileRun(ulong Start, ulong Length, long Offset)
{
    /// <summary>The first address that a physical address of AMD64 can't have: 2^52 (MAXPHYADDR is at most 52).</summary>
    public const ulong AddressLimit = 1UL << 52;

    /// <summary>The first address after the run.</summary>
    public ulong End => Start + Length;

    /// <summary>Whether a run may be put there: not empty, no overflow, within 52 bits.</summary>
    public static bool IsSane(ulong start, ulong length) => length != 0 && start < AddressLimit && length <= AddressLimit - start;

    /// <summary>The run without what lies below <paramref name="start"/>, which is inside.</summary>
    public FileRun From(ulong start) => new(start, End - start, Offset + (long)(start - Start));

    /// <summary>Whether <paramref name="next"/> goes on where this run ends, in memory and in the file.</summary>
    public bool Joins(FileRun next) => next.Start == End && next.Offset - Offset == (long)Length;
}
