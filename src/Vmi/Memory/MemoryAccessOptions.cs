namespace Vmi;

/// <summary>What else belongs to the rights of a frame.</summary>
[Flags]
public enum MemoryAccessOptions : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>
    /// Accessed and dirty bits that the CPU itself writes into a page table raise no event (Xen's `r_pw`). Goes with
    /// <see cref="MemoryAccess.Read"/> only.
    /// </summary>
    IgnorePageWalkUpdates = 1,
}
