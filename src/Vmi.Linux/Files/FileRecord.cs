namespace Vmi.Linux;

/// <summary>An opened file.</summary>
/// <param name="Path">Its path, as `d_path` gives it; null if its memory is not there.</param>
/// <param name="Device">`super_block.s_dev`: the major number from bit 20 on, below it the minor one.</param>
/// <param name="Inode">The inode number.</param>
internal sealed record FileRecord(string? Path, uint Device, ulong Inode);
