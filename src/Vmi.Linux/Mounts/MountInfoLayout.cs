using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>What /proc/PID/mountinfo shows of a `struct mount`, with its namespace and its `struct super_block`.</summary>
internal sealed class MountInfoLayout : StructLayout
{
    public MountInfoLayout(Profile profile)
        : base(profile, "mount")
    {
        Id = Number("mnt_id");
        Parent = Number("mnt_parent");
        Source = Number("mnt_devname");
        Flags = Number("mnt.mnt_flags");
        Root = Number("mnt.mnt_root");
        SuperBlock = Number("mnt.mnt_sb");
        PeerGroup = Number("mnt_group_id");
        Master = Number("mnt_master");
        Propagation = OptionalNumber("mnt_t_flags");
        Inner = Offset("mnt");
        NamespaceProxy = profile.Field("task_struct", "nsproxy").Offset;
        Namespace = profile.Field("nsproxy", "mnt_ns").Offset;
        if (profile.TryGetField("mnt_namespace", "mounts.rb_node", out var tree))
        {
            Tree = tree.Offset;
            Node = Offset("mnt_node");
            NodeLeft = profile.Field("rb_node", "rb_left").Offset;
            NodeRight = profile.Field("rb_node", "rb_right").Offset;
        }
        else
        {
            List = profile.Field("mnt_namespace", "list").Offset;
            Node = Offset("mnt_list");
        }

        Device = profile.Field("super_block", "s_dev").Offset;
        SuperFlags = profile.Field("super_block", "s_flags").Offset;
        FileSystem = profile.Field("super_block", "s_type").Offset;
        SubType = profile.TryGetField("super_block", "s_subtype", out var subType) ? subType.Offset : null;
        FileSystemName = profile.Field("file_system_type", "name").Offset;
    }

    public Field Id { get; }

    public Field Parent { get; }

    public Field Source { get; }

    public Field Flags { get; }

    public Field Root { get; }

    public Field SuperBlock { get; }

    public Field PeerGroup { get; }

    public Field Master { get; }

    /// <summary>Where newer kernels have what is shared and unbindable, which others have among the flags.</summary>
    public Field? Propagation { get; }

    /// <summary>The offset of `mnt`.</summary>
    public ulong Inner { get; }

    /// <summary>`task_struct.nsproxy`.</summary>
    public ulong NamespaceProxy { get; }

    /// <summary>`nsproxy.mnt_ns`.</summary>
    public ulong Namespace { get; }

    /// <summary>`mnt_namespace.mounts`, since 6.8; kernels before it have <see cref="List"/>.</summary>
    public ulong? Tree { get; }

    /// <summary>`mnt_namespace.list`.</summary>
    public ulong List { get; }

    /// <summary>Where a mount is linked into the tree or the list.</summary>
    public ulong Node { get; }

    public ulong NodeLeft { get; }

    public ulong NodeRight { get; }

    /// <summary>`super_block.s_dev`.</summary>
    public ulong Device { get; }

    public ulong SuperFlags { get; }

    public ulong FileSystem { get; }

    public ulong? SubType { get; }

    /// <summary>`file_system_type.name`.</summary>
    public ulong FileSystemName { get; }
}
