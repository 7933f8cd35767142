namespace Vmi.Linux;

/// <summary>
/// A mount that a process sees: one line of /proc/PID/mountinfo (proc(5)). Corresponds to `struct mount`, at the moment it was read. Text
/// is as the guest has it: what mountinfo writes `\040` is a blank.
/// </summary>
public sealed class LinuxMount
{
    private static readonly (uint Flag, string Name)[] s_options =
    [
        (0x01, "nosuid"), (0x02, "nodev"), (0x04, "noexec"), (0x08, "noatime"), (0x10, "nodiratime"), (0x20, "relatime"),
        (0x80, "nosymfollow"),
    ];

    private static readonly (uint Flag, string Name)[] s_superOptions =
        [(1 << 4, "sync"), (1 << 7, "dirsync"), (1 << 6, "mand"), (1 << 25, "lazytime")];

    private const uint ReadOnly = 0x40; // MNT_READONLY
    private const uint SuperReadOnly = 0x01; // SB_RDONLY
    internal const uint Shared = 0x1000; // MNT_SHARED
    internal const uint Unbindable = 0x2000; // MNT_UNBINDABLE

    private readonly uint _flags;
    private readonly uint _superFlags;
    private readonly uint _device;
    private readonly int _peerGroup;

    internal LinuxMount(uint flags, uint superFlags, uint device, int peerGroup)
    {
        _flags = flags;
        _superFlags = superFlags;
        _device = device;
        _peerGroup = peerGroup;
    }

    /// <summary>Its number. Corresponds to `mount.mnt_id`.</summary>
    public required int Id { get; init; }

    /// <summary>The number of the mount that it lies in; its own if it is the topmost one; null if that is not there.</summary>
    public required int? ParentId { get; init; }

    /// <summary>The device of the file system, major number.</summary>
    public uint DeviceMajor => _device >> 20;

    /// <summary>The device of the file system, minor number.</summary>
    public uint DeviceMinor => _device & 0xF_FFFF;

    /// <summary>Which directory of the file system it shows, `/` for all of it; null if that memory is not there.</summary>
    public required string? Root { get; init; }

    /// <summary>Where it is, as its process sees it.</summary>
    public required string Path { get; init; }

    /// <summary>Its options: `rw` or `ro`, then `nosuid` and so on, with commas between. Corresponds to `vfsmount.mnt_flags`.</summary>
    public string Options => Join((_flags & ReadOnly) != 0 ? "ro" : "rw", s_options, _flags);

    /// <summary>
    /// The options of the whole file system that all kinds have: `rw` or `ro`, then `sync` and so on. Those of one kind of file system
    /// only, which its own code prints, are not among them.
    /// </summary>
    public string SuperOptions => Join((_superFlags & SuperReadOnly) != 0 ? "ro" : "rw", s_superOptions, _superFlags);

    /// <summary>The peer group in which mounts and unmounts below it spread; null if they do not.</summary>
    public int? PeerGroup => (_flags & Shared) != 0 ? _peerGroup : null;

    /// <summary>The peer group from which they spread to it; null if from none.</summary>
    public required int? MasterGroup { get; init; }

    /// <summary>Whether it can't be bound elsewhere.</summary>
    public bool IsUnbindable => (_flags & Unbindable) != 0;

    /// <summary>The kind of file system: `ext4`, `fuse.sshfs`; null if that memory is not there.</summary>
    public required string? FileSystem { get; init; }

    /// <summary>What was mounted, mostly a device; null for none, or if that memory is not there.</summary>
    public required string? Source { get; init; }

    /// <summary>The address of its `struct mount`.</summary>
    public required Va Object { get; init; }

    private static string Join(string first, (uint Flag, string Name)[] names, uint flags) =>
        string.Join(',', names.Where(each => (flags & each.Flag) != 0).Select(each => each.Name).Prepend(first));
}
