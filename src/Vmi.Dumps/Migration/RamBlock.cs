namespace Vmi.Dumps;

/// <summary>A piece of RAM that QEMU migrates by itself.</summary>
/// <param name="Name">`pc.ram`, `pc.bios`, the name of a memory backend, …</param>
/// <param name="Start">Where its bytes are among those of all blocks, which follow each other.</param>
/// <param name="Length">Bytes; a multiple of 4 KiB.</param>
internal sealed record RamBlock(string Name, long Start, long Length);
