namespace Vmi.Dumps;

/// <summary>A snapshot in a qcow2 image that has the state of a VM.</summary>
/// <param name="Name">Its name, as it may be shown.</param>
/// <param name="L1Table">Where its first table of clusters is in the file.</param>
/// <param name="L1Entries">How many entries that has.</param>
/// <param name="StateBytes">The size of the state: QEMU's migration stream.</param>
/// <param name="DiskBytes">The size of the disk, behind which the state lies.</param>
internal sealed record Qcow2Snapshot(string Name, ulong L1Table, int L1Entries, long StateBytes, long DiskBytes);
