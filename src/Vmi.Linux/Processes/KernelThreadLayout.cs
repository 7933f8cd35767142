using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct kthread` and `struct worker`: what a thread of the kernel is for.</summary>
internal sealed class KernelThreadLayout
{
    public KernelThreadLayout(Profile profile)
    {
        // Since 5.17 it has a place of its own.
        Details = (profile.TryGetField("task_struct", "worker_private", out var own) ? own
            : profile.Field("task_struct", "set_child_tid")).Offset;
        Flags = profile.Field("task_struct", "flags").Offset;
        Function = Of(profile, "kthread", "threadfn");
        Data = Of(profile, "kthread", "data");
        Work = Of(profile, "worker", "current_func");
    }

    /// <summary>Where a `task_struct` points to its `struct kthread`.</summary>
    public ulong Details { get; }

    /// <summary>`task_struct.flags`.</summary>
    public ulong Flags { get; }

    /// <summary>`kthread.threadfn`; null in a kernel that does not keep it.</summary>
    public ulong? Function { get; }

    /// <summary>`kthread.data`: of a worker its `struct worker`.</summary>
    public ulong? Data { get; }

    /// <summary>`worker.current_func`.</summary>
    public ulong? Work { get; }

    private static ulong? Of(Profile profile, string type, string field) =>
        profile.TryGetField(type, field, out var found) ? found.Offset : null;
}
