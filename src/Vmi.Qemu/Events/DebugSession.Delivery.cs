using System.Diagnostics;
using Vmi.Amd64;

namespace Vmi.Qemu;

/// <content>From a stop of the machine to events, and from their answers back to the machine.</content>
internal sealed partial class DebugSession
{
    private static readonly Amd64Interrupt Breakpoint = Amd64Interrupt.Breakpoint();
    private static readonly VmiMonitor OfBreakpoints = new Amd64Monitor.Interrupt(ExceptionVector.Breakpoint);
    private static readonly VmiMonitor OfHardware = new Amd64Monitor.DebugException();
    private static readonly VmiMonitor OfSteps = new Amd64Monitor.Singlestep();

    private readonly Queue<(DebugVcpu Vcpu, VmiEventReason? Reason)> _queue = new();
    private readonly HashSet<VmiMonitor> _monitors = [];
    private TimeSpan _inHandlers;

    /// <summary>Events that have happened and were not delivered yet.</summary>
    public int EventsPending => _queue.Count + (_stop is null ? 0 : 1);

    /// <summary>The time spent on events, without the handlers'.</summary>
    public TimeSpan Overhead { get; private set; }

    /// <summary>Begins to deliver a kind of event.</summary>
    /// <exception cref="VmiNotSupportedException">The stub can't tell of it.</exception>
    public static void CheckMonitor(VmiMonitor monitor, string name)
    {
        if (!monitor.Equals(OfBreakpoints) && !monitor.Equals(OfHardware) && !monitor.Equals(OfSteps))
            throw new VmiNotSupportedException($"the monitor {monitor} (a gdbstub has breakpoints, watchpoints and steps only)", name);
    }

    public void EnableMonitor(VmiMonitor monitor) => _monitors.Add(monitor);

    public void DisableMonitor(VmiMonitor monitor) => _monitors.Remove(monitor);

    public void DisableAllMonitors() => _monitors.Clear();

    /// <summary>Delivers what is due, puts the answers into effect, and sets the VM going unless it is held.</summary>
    /// <returns>Whether an event was delivered.</returns>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public bool Deliver(VmiEventCallback callback)
    {
        if (_running && !_client.Poll(TimeSpan.Zero))
        {
            FreeStep();
            if (_running)
                return false;
        }
        var begin = Stopwatch.GetTimestamp();
        _inHandlers = TimeSpan.Zero;
        try
        {
            if (_running)
                TakeFromOutside(WaitForStop());
            var delivered = DeliverPending(callback);
            RunOn();
            return delivered;
        }
        finally
        {
            Overhead += Stopwatch.GetElapsedTime(begin) - _inHandlers;
        }
    }

    /// <summary>Delivers what is due, with the VM held.</summary>
    public bool DeliverPending(VmiEventCallback callback)
    {
        var delivered = false;
        while (EventsPending > 0)
        {
            if (_queue.Count == 0)
                Look();
            while (_queue.TryDequeue(out var due))
                delivered |= Deliver(due.Vcpu, due.Reason, callback);
        }
        return delivered;
    }

    /// <summary>A stop that came while the VM ran.</summary>
    private void TakeFromOutside(GdbStopReply reply)
    {
        if (reply.Signal == GdbStopReply.Interrupted)
            _stoppedByOther = true; // With `stop` in a monitor: it runs on, or is stopped for us, when that one wants it.
        else
            Take(reply);
    }

    /// <summary>What happened on which vCPU, all of them looked at: the stub names one, though several may have stopped at once.</summary>
    private void Look()
    {
        var reply = _stop!.Value;
        _stop = null;
        foreach (var vcpu in _vcpus)
        {
            if (vcpu.Thread == reply.Thread)
                LookAtNamed(vcpu, reply);
        }
        if (_vcpus.Length == 1 || _sites.Count == 0)
            return;
        ReadInstructionPointers(reply.Thread);
        foreach (var vcpu in _vcpus)
        {
            if (vcpu.Thread != reply.Thread && !vcpu.IsGone)
                LookAtOther(vcpu);
        }
    }

    private void LookAtNamed(DebugVcpu vcpu, GdbStopReply reply)
    {
        LoadRegisters(vcpu);
        var wasStepping = vcpu.IsStepping;
        vcpu.IsStepping = false;
        vcpu.HasStaleStep = false;
        if (reply.Watched != MemoryAccess.None)
        {
            foreach (var watchpoint in _watchpoints)
            {
                if (watchpoint.Address.Va.Value == reply.Address && watchpoint.Access == reply.Watched
                    && IsIn(vcpu, watchpoint.Address.Va, watchpoint.Address.Root))
                {
                    _queue.Enqueue((vcpu, ReasonOf(vcpu, watchpoint)));
                    break;
                }
            }
        }
        if (wasStepping && IsStepIdle(vcpu))
        {
            StepAgain(vcpu);
            return;
        }
        vcpu.IdleSteps = 0;
        if (wasStepping)
            _queue.Enqueue((vcpu, new Amd64EventReason.Singlestep(FrameOf(vcpu))));
        else if (!vcpu.IsAnswered && SiteAt(vcpu.Rip) is not null)
            _queue.Enqueue((vcpu, null));
    }

    private void LookAtOther(DebugVcpu vcpu)
    {
        if (vcpu.IsStepping)
        {
            // It was to step while others ran, and one of these stopped the machine: its step is over, or has to be asked for again.
            var before = GdbRegisterMap.Value(_map.Find(Amd64Register.Rip)!.Value, vcpu.Values);
            vcpu.IsStepping = false;
            vcpu.HasStaleStep = true;
            if (before == vcpu.Rip)
                StepAgain(vcpu);
            else
            {
                LoadRegisters(vcpu);
                _queue.Enqueue((vcpu, new Amd64EventReason.Singlestep(FrameOf(vcpu))));
            }
        }
        else if (!vcpu.IsAnswered && SiteAt(vcpu.Rip) is not null)
            _queue.Enqueue((vcpu, null));
    }

    /// <summary>Delivers one event; without a reason it is the breakpoint where the vCPU stands.</summary>
    private bool Deliver(DebugVcpu vcpu, VmiEventReason? reason, VmiEventCallback callback)
    {
        if (reason is null)
        {
            LoadRegisters(vcpu);
            // An event before this one may have moved it.
            if (SiteAt(vcpu.Rip) is not { } site)
                return false;
            vcpu.IsAnswered = true;
            if (vcpu.WaitsAt == vcpu.Rip)
                EndWait(vcpu, site);
            reason = site.Roots.Exists(root => IsIn(vcpu, site.Address, root)) ? ReasonOf(vcpu, site) : null;
        }
        if (reason is null || reason.IsSinglestep && !_monitors.Contains(OfSteps))
            return false;
        LoadRegisters(vcpu);
        vcpu.Event.Registers = vcpu.Registers;
        vcpu.Event.Reason = reason;
        var begin = Stopwatch.GetTimestamp();
        VmiEventResponse response;
        // Whatever the handler asks of the driver, the VM does not run before the answer is in effect.
        _holds++;
        try
        {
            response = callback(vcpu.Event);
        }
        finally
        {
            _holds--;
            _inHandlers += Stopwatch.GetElapsedTime(begin);
        }
        Apply(vcpu, reason, response);
        return true;
    }

    /// <summary>What it waited for has come: now it takes the step that was asked for.</summary>
    private void EndWait(DebugVcpu vcpu, BreakpointSite site)
    {
        vcpu.WaitsAt = null;
        vcpu.StepWanted = true;
        if (site.Roots.Count > 0 || Array.Exists(_vcpus, each => each.WaitsAt == site.Address.Value))
            return;
        _sites.Remove(site.Address.Value);
        RemoveFromStub(site);
    }

    private void Apply(DebugVcpu vcpu, VmiEventReason reason, VmiEventResponse response)
    {
        if (response.View is { } view && view != default)
            throw new VmiNotSupportedException("views", _target.Name);
        if (response.Action == VmiEventAction.Deny)
            throw new VmiNotSupportedException(
                "denying what a breakpoint, a watchpoint or a step reports (it is no write to a register)", _target.Name);
        if (response.Action == VmiEventAction.ReinjectInterrupt && reason is not Amd64EventReason.Interrupt)
            throw new VmiNotSupportedException($"reinjecting what is no interrupt ({reason.GetType().Name})", _target.Name);

        if (response.Registers is { } registers)
            WriteRegisters(vcpu, (Amd64Registers)registers);
        vcpu.StepWanted = response.Action == VmiEventAction.Singlestep;
        // The guest's own INT3 beneath the breakpoint raises its exception when it is executed.
        if (response.Action == VmiEventAction.ReinjectInterrupt && !IsBreakpointInstruction(vcpu))
            Inject(vcpu, Breakpoint);
    }

    private bool IsBreakpointInstruction(DebugVcpu vcpu)
    {
        Span<byte> code = stackalloc byte[1];
        return TryReadCode(vcpu, code) == 1 && code[0] == 0xcc;
    }

    private VmiEventReason? ReasonOf(DebugVcpu vcpu, BreakpointSite site)
    {
        if (site.Kind == NativeBreakpointKind.Software)
            return _monitors.Contains(OfBreakpoints)
                ? new Amd64EventReason.Interrupt(FrameOf(vcpu), Breakpoint)
                : null;
        // Which of the CPU's four debug registers holds it is the stub's own matter: none is named in DR6.
        return _monitors.Contains(OfHardware)
            ? new Amd64EventReason.DebugException(FrameOf(vcpu), default, 0)
            : null;
    }

    private Amd64EventReason.MemoryAccess ReasonOf(DebugVcpu vcpu, Watchpoint watchpoint)
    {
        var va = watchpoint.Address.Va;
        var isMapped = _memory.TryTranslate((va, vcpu.Registers.TranslationRoot), out var translation, out _);
        return new Amd64EventReason.MemoryAccess(
            isMapped ? translation.Pa : default, va, watchpoint.Access, MemoryAccessFlags.GlaValid | MemoryAccessFlags.FaultWithGla);
    }

    private Gfn? FrameOf(DebugVcpu vcpu) =>
        _memory.TryTranslate((new Va(vcpu.Rip), vcpu.Registers.TranslationRoot), out var translation, out _) ? translation.Pa.Gfn : null;

    private bool IsIn(DebugVcpu vcpu, Va address, Pa root) =>
        _spaces.Matches(address, root, vcpu.Registers.TranslationRoot, vcpu.Registers.PagingMode);
}
