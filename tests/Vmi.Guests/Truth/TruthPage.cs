namespace Vmi.Guests;

/// <summary>A page of a process of the zoo, from the guest's <c>/proc/PID/pagemap</c> and <c>/proc/kpageflags</c>.</summary>
/// <param name="ProcessId">The process.</param>
/// <param name="Name">What the page is, such as <c>secret</c> or <c>never-touched</c>.</param>
/// <param name="Address">The page's virtual address.</param>
/// <param name="Frame">The number of the physical page; null if the page is not present.</param>
/// <param name="Flags">The kernel's flags of the physical page.</param>
public sealed record TruthPage(int ProcessId, string Name, ulong Address, ulong? Frame, ulong Flags)
{
    private const int TransparentHuge = 22;

    /// <summary>Whether it is part of a transparent huge page.</summary>
    public bool IsHuge => (Flags >> TransparentHuge & 1) != 0;
}
