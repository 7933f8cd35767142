namespace Vmi;

/// <summary>What a virtual address translates to, and what the page tables allow there.</summary>
public readonly record struct PageTranslation
{
    /// <summary>The physical address of the byte asked for.</summary>
    public Pa Pa { get; init; }

    /// <summary>The page's size as a power of two: 12 (4 KiB), 21 (2 MiB), 22 (4 MiB), 30 (1 GiB).</summary>
    public int PageShift { get; init; }

    /// <summary>Whether every level allows writing (R/W).</summary>
    public bool Writable { get; init; }

    /// <summary>Whether every level allows user mode (U/S).</summary>
    public bool User { get; init; }

    /// <summary>Whether no level forbids execution (NX).</summary>
    public bool Executable { get; init; }
}
