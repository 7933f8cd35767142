namespace Vmi.Qemu;

/// <summary>A run of guest physical memory that QEMU backs with host memory, as `info mtree -f` shows it.</summary>
/// <param name="Start">The first guest physical address.</param>
/// <param name="Length">Bytes; not 0.</param>
/// <param name="Region">The name of the memory region: "pc.ram".</param>
/// <param name="Offset">Where in the region the run begins.</param>
/// <param name="Writable">False for ROM, which a guest's write does not change.</param>
internal readonly record struct FlatRange(ulong Start, ulong Length, string Region, ulong Offset, bool Writable);
