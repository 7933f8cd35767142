using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>Where modules stand besides their list: `mod_tree`, by which addresses are found, and the kset behind /sys/module.</summary>
internal sealed class ModuleTreeLayout(Profile profile)
{
    /// <summary>`mod_tree_root.root.tree[0].rb_node`.</summary>
    public ulong Root { get; } = profile.Field("mod_tree_root", "root.tree").Offset;

    public ulong Left { get; } = profile.Field("rb_node", "rb_left").Offset;

    public ulong Right { get; } = profile.Field("rb_node", "rb_right").Offset;

    /// <summary>The `rb_node` of the first tree inside `mod_tree_node`.</summary>
    public ulong Node { get; } = profile.Field("mod_tree_node", "node.node").Offset;

    /// <summary>`mod_tree_node.mod`.</summary>
    public ulong Module { get; } = profile.Field("mod_tree_node", "mod").Offset;

    /// <summary>`kset.list`.</summary>
    public ulong Set { get; } = profile.Field("kset", "list").Offset;

    /// <summary>`module_kobject.kobj.entry`.</summary>
    public ulong SetLink { get; } = profile.Field("module_kobject", "kobj.entry").Offset;

    /// <summary>`module_kobject.mod`, which is null for what is built in.</summary>
    public ulong SetModule { get; } = profile.Field("module_kobject", "mod").Offset;
}
