using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct rq`: the run queue of a CPU.</summary>
internal sealed class RunQueueLayout : StructLayout
{
    public RunQueueLayout(Profile profile)
        : base(profile, "rq")
    {
        Current = Number("curr", "donor");
        Idle = Number("idle");
        FairTasks = profile.TryGetField(Name, "cfs_tasks", out var tasks) ? tasks.Offset : null;
        FairLink = profile.TryGetField("task_struct", "se.group_node", out var link) ? link.Offset : 0;
    }

    /// <summary>Who runs.</summary>
    public Field Current { get; }

    /// <summary>Who runs if nobody wants to.</summary>
    public Field Idle { get; }

    /// <summary>The list of those of the fair class that run or want to; kernels for one CPU have none.</summary>
    public ulong? FairTasks { get; }

    public ulong FairLink { get; }
}
