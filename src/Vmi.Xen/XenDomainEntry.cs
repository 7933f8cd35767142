namespace Vmi.Xen;

/// <summary>A domain that runs on this host.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name; null if it has none.</param>
/// <param name="MemoryBytes">The memory it has now.</param>
/// <param name="CanOpen">Whether it can be opened: it is an HVM or PVH domain with hardware-assisted paging.</param>
public sealed record XenDomainEntry(uint Id, string? Name, ulong MemoryBytes, bool CanOpen);
