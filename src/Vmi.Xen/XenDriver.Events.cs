using Vmi.Amd64;

namespace Vmi.Xen;

/// <content>
/// Events. The ring is made at the first monitor, right or view that is asked for, and goes with <see cref="Detach"/>.
/// </content>
public sealed partial class XenDriver : IEventTarget
{
    private const int HeedMilliseconds = 50;
    private const int CheckMilliseconds = 500;
    private const int FinishMilliseconds = 100;

    private readonly XenMonitors _monitors;
    private XenAttachment? _attachment;
    private EventDelivery? _delivery;
    private XenInjection? _injection;
    private Watchdog? _watchdog;
    private TimeSpan _overheadBefore;

    /// <inheritdoc/>
    public int EventsPending
    {
        get
        {
            ThrowIfDisposed();
            return _delivery?.Pending ?? 0;
        }
    }

    /// <inheritdoc/>
    public TimeSpan EventProcessingOverhead
    {
        get
        {
            ThrowIfDisposed();
            return _overheadBefore + (_delivery?.Overhead ?? TimeSpan.Zero);
        }
    }

    /// <summary>
    /// Watches a process that has changed a domain, for a program that is started as <see cref="XenOptions.WatchdogCommand"/>: waits until
    /// its input ends, and unless the process took leave there, undoes what it left in the domain.
    /// </summary>
    /// <param name="target">The domain.</param>
    /// <param name="input">The input, which ends when that process dies.</param>
    /// <exception cref="VmiDriverException">The domain can't be reached any more.</exception>
    public static void Watch(XenTarget target, TextReader input) =>
        Watchdog.Watch(input, () =>
        {
            // Opening undoes it, as soon as the process is gone.
            using var driver = Open(target);
            if (driver._journal.Exists)
                throw new VmiDriverException($"{driver.Name} is still being changed by another process.");
        });

    /// <summary>Begins to deliver a kind of event: all of AMD64 but I/O, and of interrupts INT3 and #DB.</summary>
    /// <exception cref="VmiNotSupportedException">This Xen, or this CPU, does not have that kind.</exception>
    /// <exception cref="VmiDriverException">Another program has the domain's events, or the domain is gone.</exception>
    public void EnableMonitor(VmiMonitor monitor)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        ThrowIfDisposed();
        lock (_control)
        {
            XenMonitors.Check(monitor, _domain);
            Attach();
            _monitors.Enable(monitor);
        }
    }

    /// <inheritdoc/>
    public void DisableMonitor(VmiMonitor monitor)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        ThrowIfDisposed();
        lock (_control)
            _monitors.Disable(monitor);
    }

    /// <inheritdoc/>
    public void DisableAllMonitors()
    {
        ThrowIfDisposed();
        lock (_control)
            _monitors.DisableAll();
    }

    /// <inheritdoc/>
    public bool WaitForEvent(TimeSpan timeout, VmiEventCallback callback, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var deadline = Environment.TickCount64 + (long)Math.Min(timeout.TotalMilliseconds, int.MaxValue);
        var check = Environment.TickCount64 + CheckMilliseconds;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ThrowIfDisposed();
            var delivery = _delivery;
            if (delivery?.Deliver(callback) == true)
                return true;
            var now = Environment.TickCount64;
            if (now >= deadline)
                return false;
            if (now >= check)
            {
                // A domain that is gone raises no event: it would be waited for for ever.
                _domain.Information();
                check = now + CheckMilliseconds;
            }

            var slice = (int)Math.Min(deadline - now, HeedMilliseconds);
            if (delivery is null)
                cancellationToken.WaitHandle.WaitOne(slice);
            else
                delivery.Wait(slice);
        }
    }

    /// <inheritdoc/>
    public void RestoreMemory()
    {
        ThrowIfDisposed();
        lock (_control)
            _views.Restore();
    }

    /// <inheritdoc/>
    public void DrainEvents(VmiEventCallback callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        ThrowIfDisposed();
        _delivery?.Deliver(callback);
    }

    /// <summary>Destroys the views, frees the frames added, ends single steps, and gives the ring back.</summary>
    public void Detach()
    {
        ThrowIfDisposed();
        lock (_control)
        {
            if (_attachment is not { } attachment)
                return;
            var delivery = _delivery!;
            _overheadBefore += delivery.Overhead;
            _delivery = null;
            _attachment = null;
            var injection = _injection;
            _injection = null;
            // No step is left out because one before it failed.
            Failures.RunAll(
                () => _monitors.End(_vcpus), () => FinishAnswers(delivery), _views.End, _frames.RemoveAll, attachment.Dispose,
                () => injection?.Dispose());
            _journal.Note("detach");
            _watchdog?.Dispose();
            _watchdog = null;
        }
    }

    HvmCpu IEventTarget.ReadRecord(uint vcpu) => _registers.ReadRecord(vcpu);

    ulong IEventTarget.ReadOther(uint vcpu, Amd64RegisterGroups group) =>
        group == Amd64RegisterGroups.Cr8 ? _registers.ReadCr8(vcpu) : _registers.ReadXcr0(vcpu);

    void IEventTarget.WriteRegisters(uint vcpu, Amd64Registers registers) => _registers.Write(vcpu, registers);

    void IEventTarget.Inject(uint vcpu, Amd64Interrupt interrupt, ulong pending)
    {
        _injection ??= XenInjection.Open(_domain);
        _injection.Inject(vcpu, interrupt, pending);
    }

    void IEventTarget.RequireSinglesteps() => _monitors.RequireSinglesteps();

    void IEventTarget.RequireEmulation() => _monitors.RequireEmulation();

    int IEventTarget.Lift(ulong gfn) => _views.Lift(gfn);

    void IEventTarget.EndLift(ulong gfn, int access) => _views.EndLift(gfn, access);

    bool IEventTarget.HasView(View view) => _views.Has(view);

    bool IEventTarget.IsWanted(VmEventKind kind) => _monitors.IsWanted(kind);

    /// <summary>
    /// What an answer sets (registers, a control register, an MSR, an emulated instruction) Xen does when the vCPU runs again, and
    /// forgets if the ring goes before that. So the vCPUs that have raised events run for a moment, though the domain is paused.
    /// </summary>
    private void FinishAnswers(EventDelivery delivery)
    {
        var before = delivery.Vcpus.Select(vcpu => (vcpu, _domain.Vcpu(vcpu).CpuTime)).ToList();
        if (before.Count == 0)
            return;
        for (var i = 0; i < _pauses; i++)
            _domain.Unpause();
        try
        {
            var deadline = Environment.TickCount64 + FinishMilliseconds;
            foreach (var (vcpu, time) in before)
            {
                while (_domain.Vcpu(vcpu) is { IsBlocked: 0 } now && now.CpuTime == time && Environment.TickCount64 < deadline)
                    Thread.Sleep(1);
            }
        }
        finally
        {
            for (var i = 0; i < _pauses; i++)
                _domain.Pause();
        }

        delivery.Deliver(Decline);
    }

    private void Attach()
    {
        if (_attachment is not null)
            return;
        _journal.Note("attach");
        try
        {
            _watchdog = Watchdog.Start(_options.WatchdogCommand, $"xen:{_domain.Id}");
            _attachment = XenAttachment.Attach(_domain);
        }
        catch
        {
            _watchdog?.Dispose();
            _watchdog = null;
            _journal.Note("detach");
            throw;
        }

        _delivery = new EventDelivery(_attachment.Ring, _attachment.Channel, this);
    }
}
