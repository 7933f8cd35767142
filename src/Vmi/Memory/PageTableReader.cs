namespace Vmi;

/// <summary>What a page walk reads its entries from.</summary>
internal abstract class PageTableReader
{
    /// <summary>Reads a 4-byte entry. False if the source does not have that memory.</summary>
    public abstract bool TryReadUInt32(Pa address, out uint entry);

    /// <summary>Reads an 8-byte entry. False if the source does not have that memory.</summary>
    public abstract bool TryReadUInt64(Pa address, out ulong entry);
}
