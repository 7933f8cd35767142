using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct task_struct`, with the thread list of `struct signal_struct`.</summary>
internal sealed class TaskLayout : StructLayout
{
    private const int LongestName = 64;

    public TaskLayout(Profile profile)
        : base(profile, "task_struct")
    {
        State = Number("__state", "state");
        ExitState = Number("exit_state");
        Flags = Number("flags");
        Pid = Number("pid");
        Tgid = Number("tgid");
        Mm = Number("mm");
        RealParent = Number("real_parent");
        GroupLeader = Number("group_leader");
        Signal = Number("signal");
        RealCred = Number("real_cred");
        StartTime = Number("start_boottime", "real_start_time");
        Comm = Text("comm", LongestName);
        Fs = Number("fs");
        Files = Number("files");
        Tasks = Offset("tasks");
        ThreadNode = Offset("thread_node");
        ThreadHead = profile.Field("signal_struct", "thread_head").Offset;
    }

    public Field State { get; }

    public Field ExitState { get; }

    public Field Flags { get; }

    public Field Pid { get; }

    public Field Tgid { get; }

    public Field Mm { get; }

    public Field RealParent { get; }

    public Field GroupLeader { get; }

    public Field Signal { get; }

    public Field RealCred { get; }

    public Field StartTime { get; }

    public Field Comm { get; }

    public Field Fs { get; }

    public Field Files { get; }

    public ulong Tasks { get; }

    public ulong ThreadNode { get; }

    public ulong ThreadHead { get; }
}
