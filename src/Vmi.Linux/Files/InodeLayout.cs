using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct inode`, with what is read of its `struct super_block` and `struct address_space`.</summary>
internal sealed class InodeLayout : StructLayout
{
    public InodeLayout(Profile profile)
        : base(profile, "inode")
    {
        SuperBlock = Number("i_sb");
        InodeNumber = Number("i_ino");
        Mode = Number("i_mode");
        Uid = Number("i_uid");
        Size = Number("i_size");
        Mapping = Number("i_mapping");
        Link = Number("i_link");
        Pages = profile.Field("address_space", "i_pages").Offset;
        Device = profile.Field("super_block", "s_dev").Offset;
        Magic = profile.Field("super_block", "s_magic").Offset;
    }

    public Field SuperBlock { get; }

    public Field InodeNumber { get; }

    public Field Mode { get; }

    public Field Uid { get; }

    public Field Size { get; }

    public Field Mapping { get; }

    /// <summary>Of a symbolic link: its target, where the file system keeps it in memory.</summary>
    public Field Link { get; }

    /// <summary>`address_space.i_pages`.</summary>
    public ulong Pages { get; }

    /// <summary>`super_block.s_dev`.</summary>
    public ulong Device { get; }

    /// <summary>`super_block.s_magic`.</summary>
    public ulong Magic { get; }
}
