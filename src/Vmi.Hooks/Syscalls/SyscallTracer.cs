using Vmi.Amd64;
using Vmi.Linux;

namespace Vmi.Hooks;

/// <summary>
/// Reports system calls of a Linux guest, each once: when it has returned, with its result; one that does not return at its entry, or
/// when its thread's stack serves another call. The handler's result is how many were reported.
/// </summary>
/// <remarks>
/// A call stops the guest twice, at instructions that stand at the beginning of functions: at its own function (`__x64_sys_openat`), or
/// where all calls are wanted at `do_syscall_64`, and at `syscall_exit_to_user_mode`, through which every call leaves with its result
/// in `pt_regs.ax`. Where the caller's registers are saved (RDI at all of them) tells the calls of different threads apart. The latter
/// breakpoint stands only while a call that is wanted is under way and its thread does not sleep. A call that is not wanted stops the
/// guest once at most, at its entry if that is watched; the exceptions are those that leave while a wanted one runs, and those that wake
/// up in the function where a wanted one sleeps.
/// </remarks>
public sealed class SyscallTracer : VmiHandler<LinuxOs, long>
{
    private const string ExitSymbol = "syscall_exit_to_user_mode";
    private const int MostPending = 1 << 16;

    private readonly SyscallTraceOptions _options;
    private readonly Action<TracedSyscall> _report;
    private readonly Breakpoints _breakpoints;
    private readonly LinuxSyscalls _syscalls;
    private readonly SyscallDecoder _decoder;
    private readonly LinuxTaskReader _tasks;
    private readonly AddressContext _exitAddress;
    private readonly Breakpoint? _moduleStart;
    private readonly ulong _resultOffset;
    private readonly Pa _kernelRoot;

    // By where the caller's registers are saved: at the top of its thread's stack.
    private readonly Dictionary<Va, TracedSyscall> _pending = [];
    private readonly WakeWatch _wakes;
    private Breakpoint? _exit;
    private long _reported;

    /// <summary>Sets up a trace. To be made in the factory of <see cref="VmiSession{TOs}.Handle"/>.</summary>
    /// <param name="session">The guest.</param>
    /// <param name="options">Which calls.</param>
    /// <param name="report">Is given each call, while the VM stands still. An exception of it ends the trace.</param>
    /// <exception cref="VmiException">The kernel has no such call, or not the functions that all calls go through.</exception>
    /// <exception cref="VmiNotSupportedException">The driver has no breakpoints.</exception>
    public SyscallTracer(VmiSession<LinuxOs> session, SyscallTraceOptions options, Action<TracedSyscall> report)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(report);
        _options = options;
        _report = report;
        var linux = session.UnderlyingOs;
        _kernelRoot = linux.Kernel.TranslationRoot;
        _syscalls = linux.Syscalls();
        _decoder = new SyscallDecoder(_syscalls, options.Decoding);
        _tasks = linux.Tasks();
        _resultOffset = linux.Kernel.Profile.Field("pt_regs", "ax").Offset;
        _exitAddress = (linux.FindSymbol(ExitSymbol) ?? throw new VmiException($"The kernel has no {ExitSymbol}."), _kernelRoot);
        var entries = Entries();

        _breakpoints = Breakpoints.For(session);
        _wakes = new WakeWatch(_breakpoints, _kernelRoot);
        foreach (var entry in entries)
            _breakpoints.Insert(entry);
        // Loading is rare, and the only moment at which a module's name is known whatever it is loaded from.
        if (linux.FindSymbol("do_init_module") is { } start && (options.Syscalls is null || options.Syscalls.Any(IsLoad)))
            _moduleStart = _breakpoints.Insert(start);
    }

    /// <summary>How many calls could not be reported, because their thread or their registers could not be read.</summary>
    public long Unreadable { get; private set; }

    /// <inheritdoc/>
    public override VmiEventResponse HandleEvent(VmiContext<LinuxOs> vmi)
    {
        ArgumentNullException.ThrowIfNull(vmi);
        if (!_breakpoints.TryGetHit(vmi, out var hit))
            return _breakpoints.PassOver(vmi);
        var registers = (Amd64Registers)vmi.Registers;
        if (hit == _exit)
            Leave(vmi, registers);
        else if (_wakes.IsPlace(hit))
            Wake(registers);
        else if (hit == _moduleStart)
            NameModule(vmi, registers);
        else if (_syscalls.TryIdentify(registers, out var syscall, out var saved))
            Enter(vmi, syscall, saved);
        return _breakpoints.StepOver(vmi);
    }

    /// <summary>Done when the wanted number of calls was reported.</summary>
    public override bool Poll(out long result)
    {
        result = _reported;
        return _reported >= _options.Count;
    }

    /// <summary>Removes the breakpoints, and reports the calls that are still under way, without a result.</summary>
    public override void Cleanup(VmiSession<LinuxOs> session)
    {
        _breakpoints.Dispose();
        foreach (var traced in _pending.Values.OrderBy(each => each.Time))
            Report(traced);
        _pending.Clear();
    }

    private void Enter(VmiContext<LinuxOs> vmi, LinuxSyscall syscall, Va saved)
    {
        // Whoever had this stack before did not come back from its call.
        if (_pending.Remove(saved, out var gone))
            Report(gone);
        if (!_tasks.TryRead(vmi.Registers, out var task))
            Unreadable++;
        else if (IsWanted(task))
            Begin(vmi, syscall, saved, task);
        WatchExit();
    }

    private bool IsWanted(LinuxTask task) =>
        (_options.Process is null || _options.Process == task.Process) && (_options.Name is null || _options.Name == task.Name);

    private void Begin(VmiContext<LinuxOs> vmi, LinuxSyscall syscall, Va saved, LinuxTask task)
    {
        _wakes.Clear();
        if (_decoder.Decode(vmi, syscall, saved) is not { } call)
        {
            Unreadable++;
            return;
        }
        var traced = new TracedSyscall(vmi.Event.Vcpu, task, call);
        if (syscall.Name == "delete_module")
            traced.Module = call.Arguments[0].Content;
        if (syscall.Name is "exit" or "exit_group" || _pending.Count >= MostPending)
            Report(traced);
        else
            _pending.Add(saved, traced);
    }

    private void Leave(VmiContext<LinuxOs> vmi, Amd64Registers registers)
    {
        var saved = new Va(registers.Rdi);
        if (!_pending.Remove(saved, out var traced))
        {
            if (_wakes.TrySet(vmi, _pending.Values))
                WatchExit();
            return;
        }

        if (vmi.TryReadUInt64((saved + _resultOffset, _kernelRoot), out var result, out _))
            _decoder.DecodeResult(traced.Call, vmi, (long)result);
        else
            Unreadable++;
        Report(traced);
        WatchExit();
    }

    /// <summary>Where a thread of a wanted call slept: it, or another one, goes on.</summary>
    private void Wake(Amd64Registers registers)
    {
        if (_tasks.TryRead(registers, out var task) && !_pending.Values.Any(each => each.Task.Object == task.Object))
            return;
        _wakes.Clear();
        WatchExit();
    }

    /// <summary>At `do_init_module(struct module *)`: tells which one the thread's call loads.</summary>
    private void NameModule(VmiContext<LinuxOs> vmi, Amd64Registers registers)
    {
        if (!_tasks.TryRead(registers, out var task))
            return;
        foreach (var traced in _pending.Values)
        {
            if (traced.Task.Thread == task.Thread && IsLoad(traced.Call.Syscall.Name))
                traced.Module = TryReadModule(vmi, new Va(registers.Rdi));
        }
    }

    private static string? TryReadModule(VmiContext<LinuxOs> vmi, Va module)
    {
        try
        {
            return vmi.Os.Module(module).Name;
        }
        catch (TranslationFaultException)
        {
            return null;
        }
    }

    private static bool IsLoad(string syscall) => syscall is "init_module" or "finit_module";

    /// <summary>Has the exit watched if, and only if, a call is under way and not asleep.</summary>
    private void WatchExit()
    {
        if (_pending.Count == 0)
            _wakes.Clear();
        if (_pending.Count > 0 && !_wakes.IsSet)
        {
            _exit ??= _breakpoints.Insert(_exitAddress, ExitSymbol);
        }
        else if (_exit is { } exit)
        {
            _exit = null;
            _breakpoints.Remove(exit);
        }
    }

    private void Report(TracedSyscall traced)
    {
        if (_reported >= _options.Count)
            return;
        _reported++;
        _report(traced);
    }

    /// <summary>Where the wanted calls are met, each at one place.</summary>
    private IEnumerable<Va> Entries()
    {
        if (_options.Syscalls is null)
            return [_syscalls.Dispatchers is [var all, ..] ? all : throw new VmiException("The kernel has no do_syscall_64.")];
        var entries = new HashSet<Va>();
        foreach (var name in _options.Syscalls)
        {
            var isOf64 = _syscalls.TryGet(name, out var of64);
            if (isOf64)
                entries.Add(of64!.Handler);
            if (_syscalls.TryGet(name, out var of32, SyscallAbi.Ia32))
                entries.Add(of32.Handler);
            else if (!isOf64)
                throw new VmiException($"The kernel has no system call {name}.");
        }
        return entries;
    }
}
