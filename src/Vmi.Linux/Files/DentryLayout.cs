using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct dentry`, with `struct dentry_operations`.</summary>
internal sealed class DentryLayout : StructLayout
{
    public DentryLayout(Profile profile)
        : base(profile, "dentry")
    {
        Parent = Number("d_parent");
        NameLength = Number("d_name.len");
        NameText = Number("d_name.name");
        Hashed = Number("d_hash.pprev");
        Inode = Number("d_inode");
        Operations = Number("d_op");
        OperationsName = profile.Field("dentry_operations", "d_dname").Offset;
    }

    public Field Parent { get; }

    public Field NameLength { get; }

    public Field NameText { get; }

    /// <summary>Null in one that is no longer in the directory.</summary>
    public Field Hashed { get; }

    public Field Inode { get; }

    public Field Operations { get; }

    public ulong OperationsName { get; }
}
