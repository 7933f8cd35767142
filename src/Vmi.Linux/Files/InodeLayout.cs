using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct inode`, with the device of its `struct super_block`.</summary>
internal sealed class InodeLayout : StructLayout
{
    public InodeLayout(Profile profile)
        : base(profile, "inode")
    {
        SuperBlock = Number("i_sb");
        InodeNumber = Number("i_ino");
        Mode = Number("i_mode");
        Uid = Number("i_uid");
        Device = profile.Field("super_block", "s_dev").Offset;
    }

    public Field SuperBlock { get; }

    public Field InodeNumber { get; }

    public Field Mode { get; }

    public Field Uid { get; }

    /// <summary>`super_block.s_dev`.</summary>
    public ulong Device { get; }
}
