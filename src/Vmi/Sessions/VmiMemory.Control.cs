namespace Vmi;

/// <content>
/// The machine itself. Each of these throws <see cref="VmiNotSupportedException"/>, before anything was changed, if the driver lacks
/// the ability; <see cref="Supports{T}"/> asks first.
/// </content>
public abstract partial class VmiMemory
{
    /// <summary>The view that every vCPU starts in.</summary>
    /// <exception cref="VmiNotSupportedException">The driver has no views.</exception>
    public View DefaultView => Views.DefaultView;

    /// <summary>Events that have happened and were not delivered yet.</summary>
    /// <exception cref="VmiNotSupportedException">The driver has no events.</exception>
    public int EventsPending => Events.EventsPending;

    /// <summary>The time the driver itself spent on events so far.</summary>
    /// <exception cref="VmiNotSupportedException">The driver has no events.</exception>
    public TimeSpan EventProcessingOverhead => Events.EventProcessingOverhead;

    private protected IVmiEvents Events => Machine.Ability<IVmiEvents>("events");

    private IVmiControl Control => Machine.Ability<IVmiControl>("control of the VM");

    private IVmiViews Views => Machine.Ability<IVmiViews>("views");

    /// <summary>Stops all vCPUs. Pauses are counted: as many <see cref="Resume"/> calls set them going again.</summary>
    /// <exception cref="VmiNotSupportedException">The driver can't pause.</exception>
    public void Pause()
    {
        Control.Pause();
        Machine.Pauses++;
        Machine.BeginStillness();
    }

    /// <summary>Pauses the VM until the guard is disposed of. On a file there is nothing to pause.</summary>
    /// <exception cref="VmiNotSupportedException">The driver can't pause.</exception>
    public virtual VmiPauseGuard PauseGuard() => new(this);

    /// <summary>Ends one <see cref="Pause"/>.</summary>
    /// <exception cref="InvalidOperationException">There was none.</exception>
    public void Resume()
    {
        if (Machine.Pauses == 0)
            throw new InvalidOperationException("The VM was not paused by this session.");
        // What is remembered goes first: from the moment of resuming on it may be wrong.
        Machine.Pauses--;
        Machine.EndStillness();
        Control.Resume();
    }

    /// <summary>The registers of a vCPU. Groups that the source lacks are reported as lacking, never invented.</summary>
    /// <exception cref="VmiNotSupportedException">The source has no registers.</exception>
    public Registers GetRegisters(VcpuId vcpu) => Machine.Ability<IVmiQueryRegisters>("registers").GetRegisters(vcpu);

    /// <summary>Writes the registers of a vCPU that differ. If one of them can't be written, none is.</summary>
    /// <exception cref="VmiNotSupportedException">The driver can't write registers, or one of those that differ.</exception>
    public void SetRegisters(VcpuId vcpu, Registers registers)
    {
        Machine.Ability<IVmiSetRegisters>("writing registers").SetRegisters(vcpu, registers);
        Machine.Invalidate();
    }

    /// <summary>The guest's rights to a frame in a view.</summary>
    /// <exception cref="VmiNotSupportedException">The driver has no page permissions.</exception>
    public MemoryAccess GetMemoryAccess(Gfn gfn, View view) => GetMemoryAccessWithOptions(gfn, view).Access;

    /// <summary>The guest's rights to a frame in a view, and their options.</summary>
    /// <exception cref="VmiNotSupportedException">The driver has no page permissions.</exception>
    public (MemoryAccess Access, MemoryAccessOptions Options) GetMemoryAccessWithOptions(Gfn gfn, View view) =>
        Machine.Ability<IVmiQueryProtection>("page permissions").GetMemoryAccess(gfn, view);

    /// <summary>Sets the guest's rights to a frame in a view.</summary>
    /// <exception cref="VmiNotSupportedException">The driver has no page permissions.</exception>
    public void SetMemoryAccess(Gfn gfn, View view, MemoryAccess access) =>
        SetMemoryAccessWithOptions(gfn, view, access, MemoryAccessOptions.None);

    /// <summary>Sets the guest's rights to many frames in a view, in one call.</summary>
    /// <exception cref="VmiNotSupportedException">The driver has no page permissions.</exception>
    public void SetMemoryAccess(ReadOnlySpan<Gfn> gfns, View view, MemoryAccess access) =>
        Machine.Ability<IVmiSetProtection>("page permissions").SetMemoryAccess(gfns, view, access, MemoryAccessOptions.None);

    /// <summary>Sets the guest's rights to a frame in a view, with options.</summary>
    /// <exception cref="VmiNotSupportedException">The driver has no page permissions, or not this combination.</exception>
    public void SetMemoryAccessWithOptions(Gfn gfn, View view, MemoryAccess access, MemoryAccessOptions options) =>
        Machine.Ability<IVmiSetProtection>("page permissions").SetMemoryAccess([gfn], view, access, options);

    /// <summary>Adds the next free frame after the highest one.</summary>
    /// <exception cref="VmiNotSupportedException">The driver can't add frames.</exception>
    public Gfn AllocateNextAvailableGfn() => Control.AllocateGfn();

    /// <summary>Adds a given frame.</summary>
    /// <exception cref="VmiNotSupportedException">The driver can't add frames.</exception>
    public void AllocateGfn(Gfn gfn) => Control.AllocateGfn(gfn);

    /// <summary>Removes a frame that was added.</summary>
    /// <exception cref="VmiNotSupportedException">The driver can't add frames.</exception>
    public void FreeGfn(Gfn gfn)
    {
        Control.FreeGfn(gfn);
        Machine.FlushPage(gfn);
        Machine.Invalidate();
    }

    /// <summary>Makes a view whose frames all have the given rights.</summary>
    /// <exception cref="VmiNotSupportedException">The driver has no views.</exception>
    public View CreateView(MemoryAccess defaultAccess) => Views.CreateView(defaultAccess);

    /// <summary>Removes a view.</summary>
    /// <exception cref="VmiNotSupportedException">The driver has no views.</exception>
    /// <exception cref="VmiViewNotFoundException">There is no such view.</exception>
    public void DestroyView(View view) => Views.DestroyView(view);

    /// <summary>Puts all vCPUs into a view, now. For one vCPU answer its event with <see cref="VmiEventResponse.WithView"/>.</summary>
    /// <exception cref="VmiNotSupportedException">The driver has no views.</exception>
    /// <exception cref="VmiViewNotFoundException">There is no such view.</exception>
    public void SwitchToView(View view) => Views.SwitchToView(view);

    /// <summary>
    /// Lets a frame number mean another frame in a view: with a copy of a page that holds a breakpoint, and no right to read it, the
    /// base of a breakpoint that the guest can't see.
    /// </summary>
    /// <exception cref="VmiNotSupportedException">The driver has no views.</exception>
    /// <exception cref="VmiViewNotFoundException">There is no such view.</exception>
    public void ChangeViewGfn(View view, Gfn oldGfn, Gfn newGfn) => Views.ChangeViewGfn(view, oldGfn, newGfn);

    /// <summary>Undoes <see cref="ChangeViewGfn"/>.</summary>
    /// <exception cref="VmiNotSupportedException">The driver has no views.</exception>
    /// <exception cref="VmiViewNotFoundException">There is no such view.</exception>
    public void ResetViewGfn(View view, Gfn gfn) => Views.ResetViewGfn(view, gfn);

    /// <summary>Begins to deliver a kind of event.</summary>
    /// <exception cref="VmiNotSupportedException">The driver has no events, or not this kind.</exception>
    public void MonitorEnable(VmiMonitor monitor) => Events.EnableMonitor(monitor);

    /// <summary>Stops delivering a kind of event.</summary>
    /// <exception cref="VmiNotSupportedException">The driver has no events.</exception>
    public void MonitorDisable(VmiMonitor monitor) => Events.DisableMonitor(monitor);

    /// <summary>Injects an interrupt or exception into a vCPU.</summary>
    /// <exception cref="VmiNotSupportedException">The driver can't inject that.</exception>
    public void InjectInterrupt(VcpuId vcpu, VmiInterrupt interrupt) => Control.InjectInterrupt(vcpu, interrupt);

    /// <summary>Takes back all that was set up in the VM (monitors, rights, views, frames) and forgets all that was cached.</summary>
    /// <exception cref="VmiNotSupportedException">The driver can't control the VM.</exception>
    public void ResetState()
    {
        Control.ResetState();
        Machine.ClearPages();
    }

    /// <summary>
    /// Waits until an event has happened and hands all that are queued to <paramref name="callback"/>; nothing is set up or taken back.
    /// </summary>
    /// <exception cref="TimeoutException">None happened in time.</exception>
    /// <exception cref="VmiNotSupportedException">The driver has no events.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void WaitForEvent(TimeSpan timeout, VmiEventCallback callback, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(callback);
        if (!Events.WaitForEvent(timeout, vmiEvent =>
        {
            Machine.BeginStillness();
            try
            {
                return callback(vmiEvent);
            }
            finally
            {
                Machine.EndStillness();
            }
        }, cancellationToken))
            throw new TimeoutException($"No event in {timeout.TotalSeconds:0.###} s.");
    }
}
