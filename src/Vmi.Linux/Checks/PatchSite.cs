namespace Vmi.Linux;

/// <summary>Where the kernel patches its own code.</summary>
/// <param name="Address">The address that it was linked to.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Kind">What it may write there.</param>
/// <param name="Target">Where a jump leads, as it was linked.</param>
internal readonly record struct PatchSite(ulong Address, int Length, PatchKind Kind = PatchKind.Any, ulong Target = 0);
