using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct pid`, its `struct upid`, and the table of a `struct pid_namespace`.</summary>
internal sealed class PidLayout : StructLayout
{
    private const int LargestNumber = 256;

    public PidLayout(Profile profile)
        : base(profile, "pid")
    {
        Level = Number("level");
        FirstTask = Offset("tasks");
        Numbers = Offset("numbers");
        NumberSize = profile.SizeOf("upid");
        Value = profile.Field("upid", "nr");
        Namespace = profile.Field("upid", "ns");
        if (NumberSize is 0 or > LargestNumber || Value.Offset > NumberSize - sizeof(uint) || Namespace.Offset > NumberSize - sizeof(ulong))
            throw new ProfileException("The layout of upid makes no sense: the profile is not sound.");
        TaskLink = profile.Field("task_struct", "pid_links").Offset;
        Table = profile.Field("pid_namespace", "idr.idr_rt").Offset;
    }

    /// <summary>How many namespaces there are around the process's own.</summary>
    public Field Level { get; }

    /// <summary>`tasks[PIDTYPE_PID].first`: the link in the thread that has the number.</summary>
    public ulong FirstTask { get; }

    /// <summary>The array of `struct upid`, one for each namespace from the outermost on.</summary>
    public ulong Numbers { get; }

    public ulong NumberSize { get; }

    public Field Value { get; }

    public Field Namespace { get; }

    /// <summary>`task_struct.pid_links[PIDTYPE_PID]`.</summary>
    public ulong TaskLink { get; }

    /// <summary>The `struct xarray` in a namespace that has all its pids.</summary>
    public ulong Table { get; }
}
