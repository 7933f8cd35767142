namespace Vmi.Linux;

/// <summary>
/// A file that a process has open: one entry of /proc/PID/fd, with that of /proc/PID/fdinfo. Corresponds to `struct file`, at the moment
/// it was read.
/// </summary>
public sealed class LinuxOpenFile
{
    private readonly KernelReader _kernel;
    private readonly FileRecord _file;

    internal LinuxOpenFile(KernelReader kernel, int descriptor, bool closesOnExec, FileRecord file)
    {
        const uint closeOnExec = 0x8_0000; // O_CLOEXEC
        _kernel = kernel;
        _file = file;
        Descriptor = descriptor;
        Flags = file.Flags & ~closeOnExec | (closesOnExec ? closeOnExec : 0);
    }

    /// <summary>The number by which the process knows it.</summary>
    public int Descriptor { get; }

    /// <summary>
    /// What /proc/PID/fd shows: the path from the first process's root on, across mounts, with ` (deleted)` behind that of a file that is
    /// gone; or a name such as `pipe:[17]`. Null if its memory is not there. Bytes that are not UTF-8 are escaped `\xNN`.
    /// </summary>
    public string? Path => _file.Path;

    /// <summary>What it is.</summary>
    public LinuxFileKind Kind => InodeRecord.KindOf(_file.Mode) is var kind and not LinuxFileKind.Unknown ? kind
        : _file.Path?.StartsWith("anon_inode:", StringComparison.Ordinal) == true ? LinuxFileKind.Anonymous
        : LinuxFileKind.Unknown;

    /// <summary>How it was opened, as open(2) has it (`O_RDWR`, `O_APPEND`, `O_CLOEXEC` and so on), as /proc/PID/fdinfo shows it.</summary>
    public uint Flags { get; }

    /// <summary>Where the next read or write begins, in bytes. Corresponds to `file.f_pos`.</summary>
    public ulong Position => _file.Position;

    /// <summary>The device that it is on, major number.</summary>
    public uint DeviceMajor => _file.Device >> 20;

    /// <summary>The device that it is on, minor number.</summary>
    public uint DeviceMinor => _file.Device & 0xF_FFFF;

    /// <summary>The inode number.</summary>
    public ulong Inode => _file.Inode;

    /// <summary>The user that its inode belongs to, in the numbers of the initial user namespace.</summary>
    public uint OwnerUid => _file.Uid;

    /// <summary>The address of its `struct file`.</summary>
    public Va Object => _file.Address;

    /// <summary>The file itself, whose content may be in memory; null if its inode is not there.</summary>
    public LinuxCachedFile? CachedFile() => _file.ToCachedFile(_kernel);

    /// <summary>`file.private_data`.</summary>
    internal Va PrivateData => _file.PrivateData;
}
