namespace Vmi;

/// <summary>How page tables are read: the control-register bits that change the meaning of their entries.</summary>
/// <param name="Levels">The kind of paging.</param>
/// <param name="PageSizeExtensions">CR4.PSE: 32-bit paging has 4 MiB pages. The other kinds have large pages always.</param>
/// <param name="NoExecute">EFER.NXE: bit 63 of an entry forbids execution; else it is reserved.</param>
/// <param name="PhysicalAddressBits">The width of physical addresses (MAXPHYADDR), 32 to 52: entry bits above it are reserved.</param>
public readonly record struct PagingMode(
    PagingLevels Levels, bool PageSizeExtensions = true, bool NoExecute = true, byte PhysicalAddressBits = 52)
{
    /// <summary>What a source without registers is read with, until its operating system says otherwise: 4-level paging.</summary>
    public static PagingMode FourLevel => new(PagingLevels.Four);

    /// <summary>5-level paging.</summary>
    public static PagingMode FiveLevel => new(PagingLevels.Five);
}
