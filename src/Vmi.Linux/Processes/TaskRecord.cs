namespace Vmi.Linux;

/// <summary>One `task_struct`, read once.</summary>
internal sealed class TaskRecord
{
    private const uint KernelThread = 0x0020_0000; // PF_KTHREAD

    private const uint New = 0x0800; // TASK_NEW

    private readonly byte[] _name;

    private TaskRecord(KernelReader kernel, Va address, StructReader task)
    {
        var layout = kernel.Layouts.Task;
        Address = address;
        Pid = (uint)task.Read(layout.Pid);
        Tgid = (uint)task.Read(layout.Tgid);
        Mm = task.ReadVa(layout.Mm);
        RealParent = task.ReadVa(layout.RealParent);
        GroupLeader = task.ReadVa(layout.GroupLeader);
        Signal = task.ReadVa(layout.Signal);
        RealCred = task.ReadVa(layout.RealCred);
        Fs = task.ReadVa(layout.Fs);
        Files = task.ReadVa(layout.Files);
        StartTime = task.Read(layout.StartTime);
        IsKernelThread = (task.Read(layout.Flags) & KernelThread) != 0;
        var state = (uint)task.Read(layout.State);
        State = TaskState.Letter(state, (uint)task.Read(layout.ExitState));
        IsNew = (state & New) != 0;
        _name = GuestText.Terminated(task.ReadBytes(layout.Comm)).ToArray();
        Name = GuestText.Decode(_name);
    }

    public Va Address { get; }

    public uint Pid { get; }

    public uint Tgid { get; }

    public Va Mm { get; }

    public Va RealParent { get; }

    public Va GroupLeader { get; }

    public Va Signal { get; }

    public Va RealCred { get; }

    public Va Fs { get; }

    public Va Files { get; }

    /// <summary>Nanoseconds after the boot.</summary>
    public ulong StartTime { get; }

    public bool IsKernelThread { get; }

    public char State { get; }

    /// <summary>Whether it is being made, and did not run yet.</summary>
    public bool IsNew { get; }

    public string Name { get; }

    public ReadOnlyMemory<byte> NameBytes => _name;

    public static TaskRecord Read(KernelReader kernel, Va address) =>
        new(kernel, address, kernel.ReadStruct(address, kernel.Layouts.Task));

    public static TaskRecord? TryRead(KernelReader kernel, Va address) =>
        kernel.TryReadStruct(address, kernel.Layouts.Task, out var task) ? new TaskRecord(kernel, address, task) : null;
}
