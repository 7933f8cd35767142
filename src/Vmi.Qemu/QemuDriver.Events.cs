using Vmi.Amd64;

namespace Vmi.Qemu;

/// <content>
/// Events, over the gdbstub that QEMU starts in a running VM. Nothing is set up before the first monitor, breakpoint or watchpoint, and
/// <see cref="Detach"/>, or disposing of the driver, leaves nothing behind.
/// </content>
public sealed partial class QemuDriver
{
    private static readonly TimeSpan Heed = TimeSpan.FromMilliseconds(50);

    private DebugSession? _debug;

    /// <inheritdoc/>
    public int EventsPending
    {
        get
        {
            ThrowIfDisposed();
            lock (_control)
                return _debug?.EventsPending ?? 0;
        }
    }

    /// <inheritdoc/>
    public TimeSpan EventProcessingOverhead
    {
        get
        {
            ThrowIfDisposed();
            lock (_control)
                return _debug?.Overhead ?? TimeSpan.Zero;
        }
    }

    /// <summary>
    /// Watches a process that has set up events in a VM, for a program that is started as <see cref="QemuOptions.WatchdogCommand"/>: waits
    /// until its input ends, and unless the process took leave there, undoes what it left in the VM.
    /// </summary>
    /// <param name="target">The VM, as the watched process attached to it.</param>
    /// <param name="input">The input, which ends when that process dies.</param>
    /// <exception cref="VmiDriverException">The VM can't be reached any more.</exception>
    public static void Watch(QemuTarget target, TextReader input) =>
        // Attaching undoes it. QEMU may take a moment to see that the monitor is free.
        Watchdog.Watch(input, () => Open(target).Dispose());

    /// <summary>Begins to deliver a kind of event: hits of software or hardware breakpoints, or the steps that answers ask for.</summary>
    /// <exception cref="VmiNotSupportedException">A gdbstub can't deliver that kind.</exception>
    /// <exception cref="VmiDriverException">The VM is gone, or a debugger has its gdbstub.</exception>
    public void EnableMonitor(VmiMonitor monitor)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        DebugSession.CheckMonitor(monitor, Name);
        WhileHeld(debug => debug.EnableMonitor(monitor));
    }

    /// <inheritdoc/>
    public void DisableMonitor(VmiMonitor monitor)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        ThrowIfDisposed();
        lock (_control)
            _debug?.DisableMonitor(monitor);
    }

    /// <inheritdoc/>
    public void DisableAllMonitors()
    {
        ThrowIfDisposed();
        lock (_control)
            _debug?.DisableAllMonitors();
    }

    /// <inheritdoc/>
    /// <exception cref="VmiDriverException">The VM is gone, or a debugger has its gdbstub.</exception>
    public void InsertBreakpoint(AddressContext address, NativeBreakpointKind kind = NativeBreakpointKind.Software) =>
        WhileHeld(debug => debug.InsertBreakpoint(address, kind));

    /// <inheritdoc/>
    public bool RemoveBreakpoint(AddressContext address)
    {
        ThrowIfDisposed();
        lock (_control)
            return _debug is { } debug && debug.HasBreakpoint(address) && WhileStopped(() => debug.RemoveBreakpoint(address));
    }

    /// <inheritdoc/>
    public bool HasBreakpoint(AddressContext address)
    {
        ThrowIfDisposed();
        lock (_control)
            return _debug?.HasBreakpoint(address) == true;
    }

    /// <inheritdoc/>
    public void InsertWatchpoint(AddressContext address, int length, MemoryAccess access)
    {
        DebugSession.CheckWatchpoint(address.Va, length, access);
        WhileHeld(debug => debug.InsertWatchpoint(new Watchpoint(address, length, access)));
    }

    /// <inheritdoc/>
    public bool RemoveWatchpoint(AddressContext address, int length, MemoryAccess access)
    {
        ThrowIfDisposed();
        lock (_control)
            return _debug is { } debug && WhileStopped(() => debug.RemoveWatchpoint(new Watchpoint(address, length, access)));
    }

    /// <inheritdoc/>
    public bool WaitForEvent(TimeSpan timeout, VmiEventCallback callback, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ThrowIfDisposed();
            DebugSession? debug;
            lock (_control)
            {
                ThrowIfDisposed();
                debug = _debug;
                if (debug?.Deliver(callback) == true)
                    return true;
            }
            var left = deadline - Environment.TickCount64;
            if (left <= 0)
                return false;
            var slice = TimeSpan.FromMilliseconds(Math.Min(left, Heed.TotalMilliseconds));
            if (debug is null)
            {
                if (_monitor.Broken is not null)
                    _monitor.IsRunning(); // throws, with what is known of it
                cancellationToken.WaitHandle.WaitOne(slice);
            }
            else
            {
                debug.Wait(slice);
            }
        }
    }

    /// <summary>Removes every breakpoint and watchpoint: there are no rights and views to restore.</summary>
    public void RestoreMemory()
    {
        ThrowIfDisposed();
        lock (_control)
        {
            if (_debug is { } debug)
            {
                WhileStopped(() =>
                {
                    debug.RemoveAll();
                    return true;
                });
            }
        }
    }

    /// <inheritdoc/>
    public void DrainEvents(VmiEventCallback callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        ThrowIfDisposed();
        lock (_control)
        {
            if (_debug is { } debug)
                WhileStopped(() => debug.DeliverPending(callback));
        }
    }

    /// <summary>Removes all that was set up, takes the gdbstub down, and sets the VM going if it ran before and is not paused.</summary>
    public void Detach()
    {
        ThrowIfDisposed();
        lock (_control)
        {
            DetachStub();
            if (_pauses == 0)
                EndPause();
        }
    }

    /// <summary>Writes the registers that differ: those that a gdbstub can write.</summary>
    /// <exception cref="VmiNotSupportedException">One that differs can't be written (hidden parts of segments, tables, DRs, MSRs); none was.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vCPU.</exception>
    /// <exception cref="VmiDriverException">The VM is gone, or a debugger has its gdbstub.</exception>
    public void SetRegisters(VcpuId vcpu, Registers registers)
    {
        var wanted = registers as Amd64Registers ?? throw new ArgumentException("These are no registers of AMD64.", nameof(registers));
        OnVcpu(vcpu, stub => stub.WriteRegisters(vcpu, wanted));
    }

    /// <summary>
    /// Injects an exception or a software interrupt, by doing to the vCPU's state what the CPU would do (IDT gate, stack switch, error
    /// code); a non-maskable one through the monitor, which on x86 reaches every vCPU.
    /// </summary>
    /// <exception cref="VmiNotSupportedException">It can't be delivered now, and nothing was changed; the message says why.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vCPU.</exception>
    /// <exception cref="VmiDriverException">The VM is gone, or a debugger has its gdbstub.</exception>
    public void InjectInterrupt(VcpuId vcpu, VmiInterrupt interrupt)
    {
        var injected = interrupt as Amd64Interrupt ?? throw new ArgumentException("This is no interrupt of AMD64.", nameof(interrupt));
        if (injected.Type == InterruptType.Nmi)
        {
            ThrowIfDisposed();
            lock (_control)
                _monitor.InjectNmi();
            return;
        }
        OnVcpu(vcpu, stub => stub.Inject(vcpu, injected));
    }

    /// <summary>As <see cref="Detach"/>.</summary>
    public void ResetState() => Detach();

    private void OnVcpu(VcpuId vcpu, Action<DebugSession> action)
    {
        ThrowIfDisposed();
        lock (_control)
        {
            ThrowIfDisposed();
            var vcpus = _monitor.Vcpus().Count;
            if (vcpu.Value >= vcpus)
                throw new ArgumentOutOfRangeException(nameof(vcpu), vcpu.Value, $"There is no vCPU {vcpu}: {Name} has {vcpus}.");
            ThrowIfMigrating();
            WhileStopped(() => WithStub(stub =>
            {
                action(stub);
                return true;
            }));
            _registersOfPause = null;
        }
    }

    /// <summary>Acts on the stub, with the VM held; makes it if there is none yet.</summary>
    private void WhileHeld(Action<DebugSession> action)
    {
        ThrowIfDisposed();
        lock (_control)
        {
            ThrowIfDisposed();
            if (_debug is null)
                AttachStub();
            WhileStopped(() =>
            {
                action(_debug!);
                return true;
            });
        }
    }

    /// <summary>Uses the stub that there is, or one for this alone; with the VM stopped.</summary>
    private T WithStub<T>(Func<DebugSession, T> action)
    {
        if (_debug is not null)
            return action(_debug);
        using var once = DebugSession.Open(DebugTarget(), runsOn: false, isHeld: true);
        return action(once);
    }

    private void AttachStub()
    {
        ThrowIfMigrating();
        var ran = _pauses == 0 ? _monitor.IsRunning() : _stoppedByUs;
        if (_pauses == 0 && ran)
            _monitor.Stop();
        try
        {
            _debug = DebugSession.Open(DebugTarget(), ran, isHeld: _pauses > 0);
            _stoppedByUs = false;
        }
        catch when (_pauses == 0 && ran)
        {
            _monitor.Continue();
            throw;
        }
    }

    /// <summary>Leaves the VM standing still; whether it was running before is remembered as if it had been paused.</summary>
    private void DetachStub()
    {
        if (_debug is not { } debug)
            return;
        _debug = null;
        _registersOfPause = null;
        _stoppedByUs = debug.RunsOn;
        debug.Dispose();
    }

    private DebugTarget DebugTarget() => new(Name, _target.ToString(), _monitor, _process.Pid, _kvm, this, _options);
}
