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
    }

    public Field Parent { get; }

    public Field MountPoint { get; }

    public Field Root { get; }

    /// <summary>The offset of `mnt`.</summary>
    public ulong Inner { get; }
}
