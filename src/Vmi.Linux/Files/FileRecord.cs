namespace Vmi.Linux;

/// <summary>An opened file.</summary>
/// <param name="Address">Where its `struct file` is.</param>
/// <param name="Path">Its path, as `d_path` gives it; null if its memory is not there.</param>
/// <param name="Device">`super_block.s_dev`: the major number from bit 20 on, below it the minor one.</param>
/// <param name="Inode">The inode number.</param>
/// <param name="Mode">`inode.i_mode`.</param>
/// <param name="Uid">`inode.i_uid`.</param>
/// <param name="Flags">`file.f_flags`.</param>
/// <param name="Position">`file.f_pos`.</param>
/// <param name="PrivateData">`file.private_data`.</param>
internal sealed record FileRecord(
    Va Address, string? Path, uint Device, ulong Inode, uint Mode, uint Uid, uint Flags, ulong Position, Va PrivateData);
