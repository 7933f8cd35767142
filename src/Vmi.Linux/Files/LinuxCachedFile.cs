namespace Vmi.Linux;

/// <summary>
/// A file or directory that the kernel knows at the moment: one that is open or mapped, or that a look-up of a path left in its caches.
/// Corresponds to `struct inode`, at the moment it was read.
/// </summary>
public sealed class LinuxCachedFile
{
    private readonly KernelReader _kernel;
    private readonly InodeRecord _inode;
    private readonly FilePlace _place;

    internal LinuxCachedFile(KernelReader kernel, InodeRecord inode, FilePlace place, string? path)
    {
        _kernel = kernel;
        _inode = inode;
        _place = place;
        Path = path;
    }

    /// <summary>Its path; null if that memory is not there. Bytes that are not UTF-8 are escaped `\xNN`.</summary>
    public string? Path { get; }

    /// <summary>What it is.</summary>
    public LinuxFileKind Kind => InodeRecord.KindOf(_inode.Mode);

    /// <summary>Its size in bytes. Corresponds to `inode.i_size`.</summary>
    public ulong Size => _inode.Size;

    /// <summary>The device that it is on, major number.</summary>
    public uint DeviceMajor => _inode.Device >> 20;

    /// <summary>The device that it is on, minor number.</summary>
    public uint DeviceMinor => _inode.Device & 0xF_FFFF;

    /// <summary>The inode number.</summary>
    public ulong Inode => _inode.Number;

    /// <summary>The user that it belongs to, in the numbers of the initial user namespace.</summary>
    public uint OwnerUid => _inode.Uid;

    /// <summary>The address of its `struct inode`.</summary>
    public Va Object => _inode.Address;

    /// <summary>So much of its content as is in memory; empty for what is no file with content.</summary>
    /// <exception cref="Symbols.ProfileException">The kernel lacks a type that is needed.</exception>
    public LinuxFileContent Content()
    {
        using var operation = _kernel.Memory.BeginOperation();
        return new LinuxFileContent(_kernel, _inode);
    }

    /// <summary>
    /// What is known of a directory's entries: those that somebody looked up, and that were not forgotten since. The entries of a directory
    /// of tmpfs are always all known. Names that are known not to be there are left out.
    /// </summary>
    /// <exception cref="Symbols.ProfileException">The kernel lacks a type that is needed.</exception>
    public IVmiList<LinuxCachedFile> Entries()
    {
        using var operation = _kernel.Memory.BeginOperation();
        return new DirectoryReader(_kernel).Read(_place, Path);
    }
}
