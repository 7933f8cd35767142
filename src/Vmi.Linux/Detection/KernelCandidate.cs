namespace Vmi.Linux;

/// <summary>Page tables that may be a Linux kernel's.</summary>
/// <param name="Root">Where they are.</param>
/// <param name="Mode">How they are read.</param>
/// <param name="FoundBy">What led to them.</param>
internal sealed record KernelCandidate(Pa Root, PagingMode Mode, string FoundBy)
{
    /// <summary>
    /// Whether something outside the guest's memory (a CPU, the file itself, the user) says that these are the kernel's. Memory alone
    /// does not: any process can fill its own.
    /// </summary>
    public bool IsTrusted { get; init; }

    /// <summary>An address of the kernel's code, and where the CPU itself finds it in physical memory.</summary>
    public (Va Va, Pa Pa)? Anchor { get; init; }

    /// <summary>The release that the kernel must have (`OSRELEASE` of the VMCOREINFO note).</summary>
    public string? Release { get; init; }

    /// <summary>Whether the image of another candidate led here.</summary>
    public bool IsDerived { get; init; }
}
