using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct mount`, in which the `struct vfsmount` lies that paths point at.</summary>
internal sealed class MountLayout : StructLayout
{
    public MountLayout(Profile profile)
        : base(profile, "mount")
    {
        Parent = Number("mnt_parent");
        MountPoint = Number("mnt_mountpoint");
        Root = Number("mnt.mnt_root");
        Inner = Offset("mnt");
        Children = Offset("mnt_mounts");
        Sibling = Offset("mnt_child");
    }

    public Field Parent { get; }

    public Field MountPoint { get; }

    public Field Root { get; }

    /// <summary>The offset of `mnt`.</summary>
    public ulong Inner { get; }

    /// <summary>The offset of the head of the list of mounts in this one.</summary>
    public ulong Children { get; }

    /// <summary>The offset of the link by which it is on that list of its parent.</summary>
    public ulong Sibling { get; }
}
