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
/// <param name="InodeObject">Where its `struct inode` is.</param>
/// <param name="Place">Where it is in the file systems.</param>
internal sealed record FileRecord(
    Va Address, string? Path, uint Device, ulong Inode, uint Mode, uint Uid, uint Flags, ulong Position, Va PrivateData, Va InodeObject,
    FilePlace Place)
{
    /// <summary>The file itself; null if its inode is not there.</summary>
    public LinuxCachedFile? ToCachedFile(KernelReader kernel) =>
        InodeRecord.TryRead(kernel, InodeObject) is { } inode ? new LinuxCachedFile(kernel, inode, Place, Path) : null;
}
