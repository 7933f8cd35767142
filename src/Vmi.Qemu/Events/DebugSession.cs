using System.Diagnostics;
using Vmi.Amd64;

namespace Vmi.Qemu;

/// <summary>
/// What is set up in a VM for events, over its gdbstub: made when the first is asked for, and taken back whole. All calls come one at
/// a time, but for <see cref="Wait"/>.
/// </summary>
/// <remarks>
/// The stub stops all vCPUs at once, and every stop is worked off with all of them held: each vCPU that stands at a breakpoint gets its
/// event, then executes the instruction there (under TCG the breakpoint stays in place and is only passed over by the vCPU that steps;
/// under KVM it is taken out, with the others held). So none is missed by another vCPU in the same code.
/// </remarks>
internal sealed partial class DebugSession : IDisposable
{
    private static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StepPatience = TimeSpan.FromMilliseconds(200);

    private const int MostIdleSteps = 16;

    private readonly DebugTarget _target;
    private readonly QemuGdbStub _stub;
    private readonly GdbClient _client;
    private readonly GdbRegisterMap _map;
    private readonly DebugVcpu[] _vcpus;
    private readonly VmiCore _memory;
    private readonly AddressSpaces _spaces;
    private readonly bool _runsOn;
    private readonly IDisposable? _watchdog;
    private GdbStopReply? _stop;
    private int _selected;
    private int _current;
    private long _stepBegan;
    private int _holds;
    private int _lastStepped;
    private bool _running;
    private bool _stoppedByOther;

    private DebugSession(DebugTarget target, QemuGdbStub stub, bool runsOn, IDisposable? watchdog)
    {
        _target = target;
        _stub = stub;
        _client = stub.Client;
        _runsOn = runsOn;
        _watchdog = watchdog;
        _map = GdbRegisterMap.Read(_client);
        _memory = new VmiCore(target.Memory, new VmiCoreOptions { TranslationCacheEntries = 64, PageCacheEntries = 16 });
        _spaces = new AddressSpaces(_memory);
        var groups = _map.Groups | RegisterText.Groups;
        _vcpus = [.. _client.Threads().Select((thread, i) => new DebugVcpu(this, new VcpuId((ushort)i), thread, groups, _map.Length))];
    }

    /// <summary>Attaches to a VM that stands still, and leaves it so.</summary>
    /// <param name="target">The VM.</param>
    /// <param name="runsOn">Whether it is set going when nothing holds it: whether it ran before it was stopped for this.</param>
    /// <param name="isHeld">Whether something holds it by now, which <see cref="Release"/> will end.</param>
    /// <exception cref="VmiDriverException">A debugger uses the stub already, or QEMU can't connect.</exception>
    public static DebugSession Open(DebugTarget target, bool runsOn, bool isHeld)
    {
        // Before the first change: whatever happens to this process from here on, what it changed is undone.
        var watchdog = Watchdog.Start(target.Options.WatchdogCommand, target.Address);
        QemuGdbStub? stub = null;
        try
        {
            stub = QemuGdbStub.Open(target.Monitor, target.Pid, target.Options.CommandTimeout, runsOn);
            return new DebugSession(target, stub, runsOn, watchdog) { _holds = isHeld ? 1 : 0 };
        }
        catch
        {
            stub?.Dispose();
            watchdog?.Dispose();
            throw;
        }
    }

    /// <summary>Whether the VM is to run when this is gone and nothing holds it.</summary>
    public bool RunsOn => _runsOn && !_stoppedByOther;

    /// <summary>Stops the VM until <see cref="Release"/>, as often as it was called.</summary>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public void Hold()
    {
        _holds++;
        Halt();
    }

    /// <summary>Ends a <see cref="Hold"/>. A VM with an event that was not delivered yet stands still until it is.</summary>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public void Release()
    {
        if (--_holds == 0)
            RunOn();
    }

    /// <summary>Waits until the stub may have something to say. From any thread; returns at once when the connection is gone.</summary>
    public void Wait(TimeSpan timeout)
    {
        try
        {
            _client.Wait(timeout);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or System.Net.Sockets.SocketException)
        {
            // Detached meanwhile.
        }
    }

    /// <summary>Writes guest physical memory, with the VM held; returns how many bytes were written.</summary>
    public int WritePhysical(Pa address, ReadOnlySpan<byte> source)
    {
        _client.UsePhysicalMemory(true);
        try
        {
            return _client.Write(address.Value, source);
        }
        finally
        {
            _client.UsePhysicalMemory(false);
        }
    }

    /// <summary>Takes everything back and lets go of the stub. The VM stands still after.</summary>
    public void Dispose()
    {
        _memory.Dispose();
        try
        {
            Halt();
            _client.RemoveAllBreakpoints();
            _current = 0;
            EndSteps();
            _stub.Dispose();
        }
        catch (VmiDriverException)
        {
            // The connection is lost, but not the VM: what stands in the stub is removed over a new one, which asks the same.
            _stub.Dispose();
            if (_target.Monitor.IsRunning())
                _target.Monitor.Stop();
            QemuGdbStub.Open(_target.Monitor, _target.Pid, _target.Options.CommandTimeout, _runsOn).Dispose();
        }
        // Only now is there nothing left to undo.
        _watchdog?.Dispose();
    }

    private void Halt()
    {
        if (!_running)
            return;
        if (_stoppedByOther && !_target.Monitor.IsRunning())
        {
            _running = false;
            return;
        }
        _stoppedByOther = false;
        Take(Interrupted());
        foreach (var vcpu in _vcpus)
        {
            // A step that the halt overtook is asked for again.
            if (_stop is null && vcpu.IsStepping)
                StepAgain(vcpu);
        }
    }

    /// <summary>
    /// Frees a step that does not come to its end. Its instruction waits (HLT) and is done, or the vCPU waits before it for an interrupt:
    /// then the machine runs until it has gone on, with a breakpoint of our own where it waits.
    /// </summary>
    private void FreeStep()
    {
        var vcpu = Array.Find(_vcpus, each => each.IsStepping);
        if (vcpu is null || Stopwatch.GetElapsedTime(_stepBegan) < StepPatience)
            return;
        Halt();
        if (_stop is not null)
            return;
        vcpu.StepWanted = false;
        LoadRegisters(vcpu);
        if (!vcpu.Values.AsSpan().SequenceEqual(vcpu.SteppedFrom))
        {
            _queue.Enqueue((vcpu, new Amd64EventReason.Singlestep(FrameOf(vcpu))));
            return;
        }
        vcpu.WaitsAt = vcpu.Rip;
        if (SiteAt(vcpu.Rip) is not null)
            return;
        var site = new BreakpointSite(new Va(vcpu.Rip), NativeBreakpointKind.Software);
        InsertIntoStub(site);
        _sites.Add(vcpu.Rip, site);
    }

    /// <summary>Ends the single-step mode of those vCPUs that QEMU has still in it, by one more step.</summary>
    private void EndSteps()
    {
        foreach (var vcpu in _vcpus)
        {
            if (!vcpu.HasStaleStep || vcpu.IsGone)
                continue;
            vcpu.HasStaleStep = false;
            PostStep(vcpu);
            _client.Flush();
            if (!_client.Poll(StepTimeout))
                _client.Interrupt();
            WaitForStop();
        }
    }

    /// <summary>Sets the VM going, for a step if one was asked for, unless something holds it or an event is due.</summary>
    private void RunOn()
    {
        if (_running || _holds > 0 || !_runsOn || EventsPending > 0)
            return;
        if (_stoppedByOther)
        {
            // Whoever stopped it sets it going.
            _running = true;
            return;
        }
        foreach (var vcpu in _vcpus)
        {
            if (vcpu is { IsAnswered: true, StepWanted: false })
                LeaveBreakpoint(vcpu);
            if (_stop is not null)
                return;
        }
        if (NextToStep() is { } stepper)
            BeginStep(stepper);
        else
            _client.Post("vCont;c"u8);
        ForgetRegisters();
        _client.Flush();
        _running = true;
    }

    /// <summary>The next vCPU, in turn, that is to execute one instruction and report it.</summary>
    private DebugVcpu? NextToStep()
    {
        for (var i = 1; i <= _vcpus.Length; i++)
        {
            var vcpu = _vcpus[(_lastStepped + i) % _vcpus.Length];
            if (!vcpu.StepWanted || vcpu.IsGone)
                continue;
            _lastStepped = vcpu.Id.Value;
            return vcpu;
        }
        return null;
    }

    private void BeginStep(DebugVcpu vcpu)
    {
        vcpu.StepWanted = false;
        vcpu.IsStepping = true;
        vcpu.IsAnswered = false;
        KeepRegisters(vcpu);
        _stepBegan = Stopwatch.GetTimestamp();
        PostStep(vcpu, _target.Options.HoldOthersWhileStepping || _target.IsKvm);
    }

    private void PostStep(DebugVcpu vcpu, bool holdOthers = true)
    {
        // It is the vCPU chosen here whose single-step mode QEMU ends at the next stop, whatever that is.
        if (_current != vcpu.Thread)
        {
            _client.Post($"Hc{vcpu.Thread}");
            _client.ReceiveOk("choosing a vCPU");
            _current = vcpu.Thread;
        }
        if (holdOthers)
            _client.Post($"vCont;s:{vcpu.Thread}");
        else
            _client.Post($"vCont;s:{vcpu.Thread};c");
    }

    /// <summary>Has a vCPU execute the instruction at a breakpoint, unseen.</summary>
    private void LeaveBreakpoint(DebugVcpu vcpu)
    {
        vcpu.IsAnswered = false;
        if (TryEmulate(vcpu))
            return;
        vcpu.IdleSteps = 0;
        KeepRegisters(vcpu);
        do
            StepUnseen(vcpu);
        while (_stop is null && IsStepIdle(vcpu));
    }

    private void StepUnseen(DebugVcpu vcpu)
    {
        var site = _target.IsKvm ? SiteAt(vcpu.Rip) : null;
        if (site is not null)
            RemoveFromStub(site);
        PostStep(vcpu);
        _client.Flush();
        ForgetRegisters();
        _running = true;
        // An instruction that waits (HLT) reports nothing until its wait is over.
        var reply = _client.Poll(StepTimeout) ? WaitForStop() : Interrupted();
        _running = false;
        if (site is not null)
            InsertIntoStub(site);
        Take(reply);
        // What was watched is an event; that the step is over is none.
        if (_stop is { Watched: MemoryAccess.None })
            _stop = null;
    }

    /// <summary>
    /// Whether a step has executed nothing. QEMU's TCG reports a step also when something else (a timer, a kick) made the vCPU leave
    /// before its one instruction. What executes and changes no register is a jump to itself: a few of those do no harm.
    /// </summary>
    private bool IsStepIdle(DebugVcpu vcpu)
    {
        LoadRegisters(vcpu);
        return vcpu.Values.AsSpan().SequenceEqual(vcpu.SteppedFrom) && vcpu.IdleSteps++ < MostIdleSteps;
    }

    /// <summary>Asks again for a step that has not been made. A breakpoint where it begins has been met already.</summary>
    private void StepAgain(DebugVcpu vcpu)
    {
        (vcpu.IsStepping, vcpu.StepWanted) = (false, true);
        vcpu.IsAnswered = SiteAt(vcpu.Rip) is not null;
    }

    private void KeepRegisters(DebugVcpu vcpu)
    {
        LoadRegisters(vcpu);
        vcpu.Values.CopyTo(vcpu.SteppedFrom, 0);
    }

    private GdbStopReply Interrupted()
    {
        _client.Interrupt();
        return WaitForStop();
    }

    /// <summary>Takes note of a stop. One that a halt of ours made is no event.</summary>
    private void Take(GdbStopReply reply)
    {
        _running = false;
        _selected = 0;
        if (reply.Signal == GdbStopReply.Trap)
        {
            _stop = reply;
            _selected = _current = reply.Thread;
        }
        else if (reply.Signal != GdbStopReply.Interrupted)
        {
            throw new VmiDriverException($"{_target.Name} has stopped by itself: its state is {_target.Monitor.RunState()}.");
        }
    }

    private GdbStopReply WaitForStop()
    {
        var packet = _client.Receive();
        if (GdbStopReply.TryParse(packet, out var reply))
            return reply;
        throw packet is [(byte)'W' or (byte)'X', ..]
            ? new VmiDriverException($"{_target.Name} has ended.")
            : new VmiDriverException("QEMU's gdbstub sent something else than a stop reply while the VM ran.");
    }

    /// <summary>Makes requests about registers and virtual memory mean a vCPU.</summary>
    private void Select(DebugVcpu vcpu)
    {
        if (_selected == vcpu.Thread)
            return;
        _client.Post($"Hg{vcpu.Thread}");
        if (!_client.Receive().SequenceEqual("OK"u8))
        {
            vcpu.IsGone = true;
            throw new VmiDriverException($"{_target.Name} has no vCPU {vcpu.Id} any more.");
        }
        _selected = vcpu.Thread;
    }
}
