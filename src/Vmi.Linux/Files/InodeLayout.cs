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
        Device = profile.Field("super_block", "s_dev").Offset;
    }

    public Field SuperBlock { get; }

    public Field InodeNumber { get; }

    /// <summary>`super_block.s_dev`.</summary>
    public ulong Device { get; }
}
