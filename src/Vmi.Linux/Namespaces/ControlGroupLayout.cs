using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>From `task_struct.cgroups` to the path of the group: `struct css_set`, `struct cgroup`, `struct kernfs_node`.</summary>
internal sealed class ControlGroupLayout : StructLayout
{
    public ControlGroupLayout(Profile profile)
        : base(profile, "kernfs_node")
    {
        NodeName = Number("name");
        Parent = Number("parent", "__parent");
        OfTask = profile.Field("task_struct", "cgroups").Offset;
        OfSet = profile.Field("css_set", "dfl_cgrp").Offset;
        Node = profile.Field("cgroup", "kn").Offset;
        Flags = profile.Field("cgroup", "self.flags").Offset;
    }

    public Field NodeName { get; }

    public Field Parent { get; }

    public ulong OfTask { get; }

    /// <summary>`css_set.dfl_cgrp`: the group in the unified hierarchy.</summary>
    public ulong OfSet { get; }

    public ulong Node { get; }

    public ulong Flags { get; }
}
