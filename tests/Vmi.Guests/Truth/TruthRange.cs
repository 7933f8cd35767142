namespace Vmi.Guests;

/// <summary>A line of the guest's <c>/proc/iomem</c>.</summary>
/// <param name="Depth">0 for the outermost ranges.</param>
/// <param name="Start">The first physical address.</param>
/// <param name="Last">The last physical address, which belongs to it.</param>
/// <param name="Name">What the kernel calls it, such as <c>System RAM</c>.</param>
public sealed record TruthRange(int Depth, ulong Start, ulong Last, string Name)
{
    /// <summary>The size in bytes.</summary>
    public ulong Size => Last - Start + 1;
}
