namespace Vmi.Linux;

/// <summary>One `struct inode`, read once, with what is asked of its file system.</summary>
internal sealed class InodeRecord
{
    private const uint TypeMask = 0xF000; // S_IFMT
    private const ulong Tmpfs = 0x0102_1994, Ramfs = 0x8584_58F6; // statfs(2)

    private InodeRecord(KernelReader kernel, Va address, StructReader inode)
    {
        var layout = kernel.Layouts.Inode;
        Address = address;
        Mode = (uint)inode.Read(layout.Mode);
        Uid = (uint)inode.Read(layout.Uid);
        Number = inode.Read(layout.InodeNumber);
        Size = inode.Read(layout.Size);
        Mapping = inode.ReadVa(layout.Mapping);
        Link = inode.ReadVa(layout.Link);
        SuperBlock = inode.ReadVa(layout.SuperBlock);
        kernel.TryReadUInt32(SuperBlock + layout.Device, out var device);
        Device = device;
        IsInMemoryOnly = kernel.TryReadVa(SuperBlock + layout.Magic, out var magic) && magic.Value is Tmpfs or Ramfs;
    }

    public Va Address { get; }

    public uint Mode { get; }

    public uint Uid { get; }

    public ulong Number { get; }

    public ulong Size { get; }

    public Va Mapping { get; }

    public Va Link { get; }

    public Va SuperBlock { get; }

    public uint Device { get; }

    /// <summary>Whether nothing of its file system is on a disk: what no page holds was never written.</summary>
    public bool IsInMemoryOnly { get; }

    public static InodeRecord? TryRead(KernelReader kernel, Va address) =>
        kernel.TryReadStruct(address, kernel.Layouts.Inode, out var inode) ? new InodeRecord(kernel, address, inode) : null;

    /// <summary>What an inode with a mode is.</summary>
    public static LinuxFileKind KindOf(uint mode) => (mode & TypeMask) switch
    {
        0x8000 => LinuxFileKind.Regular,
        0x4000 => LinuxFileKind.Directory,
        0xA000 => LinuxFileKind.SymbolicLink,
        0x2000 => LinuxFileKind.CharacterDevice,
        0x6000 => LinuxFileKind.BlockDevice,
        0x1000 => LinuxFileKind.Pipe,
        0xC000 => LinuxFileKind.Socket,
        _ => LinuxFileKind.Unknown,
    };
}
