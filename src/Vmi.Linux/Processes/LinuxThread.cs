namespace Vmi.Linux;

/// <summary>A thread of a Linux guest. Corresponds to `struct task_struct`; what it says is of the moment it was read at.</summary>
public sealed class LinuxThread : VmiThread
{
    private readonly KernelReader _kernel;
    private readonly TaskRecord _task;

    internal LinuxThread(KernelReader kernel, TaskRecord task)
    {
        _kernel = kernel;
        _task = task;
    }

    /// <summary>Its number, which is that of its process for the first thread. Corresponds to `task_struct.pid`.</summary>
    public override ThreadId Id => new(_task.Pid);

    /// <inheritdoc/>
    public override ThreadObject Object => new(_task.Address);

    /// <summary>Its name; bytes that are not UTF-8 are escaped `\xNN`. Corresponds to `task_struct.comm`.</summary>
    public string Name => _task.Name;

    /// <summary>Its name as the guest has it.</summary>
    public ReadOnlyMemory<byte> NameBytes => _task.NameBytes;

    /// <summary>The number of its process. Corresponds to `task_struct.tgid`.</summary>
    public ProcessId ProcessId => new(_task.Tgid);

    /// <summary>
    /// Its state as /proc shows it: R running, S sleeping, D uninterruptible, T stopped, t traced, X dead, Z zombie, P parked, I idle.
    /// </summary>
    public char State => _task.State;

    /// <summary>When it began: the time from the boot on. Corresponds to `task_struct.start_boottime`.</summary>
    public TimeSpan StartTime => KernelTime.Span(_task.StartTime);

    /// <summary>The same in nanoseconds.</summary>
    public ulong StartTimeNanoseconds => _task.StartTime;

    /// <summary>Whether it is the kernel's own.</summary>
    public bool IsKernelThread => _task.IsKernelThread;

    /// <summary>Who it acts as; null if that memory is not there.</summary>
    public LinuxCredentials? Credentials => LinuxCredentials.TryRead(_kernel, _task.RealCred);

    /// <summary>Its process.</summary>
    /// <exception cref="TranslationFaultException">The process's structure is not there.</exception>
    public LinuxProcess Process => LinuxProcess.Of(_kernel, _task);

    /// <summary>
    /// Its kernel stack as it is now, from where it waits up to the entry into the kernel, as /proc/PID/stack shows it (which leaves the
    /// scheduler's own functions out); the last frame is the program's, if it came from one. Empty if it has ended.
    /// </summary>
    /// <remarks>
    /// If it runs, its vCPU's registers are asked for. See <see cref="LinuxOs.KernelStack()"/>.
    /// </remarks>
    /// <exception cref="VmiNotSupportedException">It runs, and the registers do not tell which CPU this is.</exception>
    /// <exception cref="Symbols.ProfileException">The kernel lacks a type that is needed.</exception>
    public IVmiList<LinuxStackFrame> KernelStack() => StackTrace.OfThread(_kernel, Object.Va);

    /// <summary>
    /// Where it sleeps, as /proc/PID/wchan shows it: the function that called the scheduler, at the instruction it goes on with there. Null
    /// if it does not sleep, or its stack can't be relied on.
    /// </summary>
    /// <exception cref="Symbols.ProfileException">The kernel lacks a type that is needed.</exception>
    public LinuxStackFrame? WaitChannel() => State is 'S' or 'D' or 'I' ? StackTrace.WaitChannel(_kernel, Object.Va) : null;
}
