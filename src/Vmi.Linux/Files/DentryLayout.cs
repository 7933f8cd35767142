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
        IsHashList = profile.HasField("dentry", "d_children");
        Children = Offset("d_children", "d_subdirs");
        Sibling = Offset("d_sib", "d_child");
    }

    public Field Parent { get; }

    public Field NameLength { get; }

    public Field NameText { get; }

    /// <summary>Null in one that is no longer in the directory.</summary>
    public Field Hashed { get; }

    public Field Inode { get; }

    public Field Operations { get; }

    public ulong OperationsName { get; }

    /// <summary>Whether its children are on a list with one end, as since 6.8, or on a circular one.</summary>
    public bool IsHashList { get; }

    /// <summary>The offset of the head of the list of its children.</summary>
    public ulong Children { get; }

    /// <summary>The offset of the link by which it is on that list of its parent.</summary>
    public ulong Sibling { get; }
}
