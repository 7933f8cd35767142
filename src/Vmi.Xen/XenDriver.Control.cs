using Vmi.Amd64;

namespace Vmi.Xen;

/// <content>Control of the domain.</content>
public sealed partial class XenDriver
{
    /// <inheritdoc/>
    public void Pause()
    {
        ThrowIfDisposed();
        lock (_control)
        {
            _journal.Note("pause");
            _domain.Pause();
            _pauses++;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no pause to end.</exception>
    public void Resume()
    {
        ThrowIfDisposed();
        lock (_control)
        {
            if (_pauses == 0)
                throw new InvalidOperationException($"{Name} was not paused by this driver.");
            _pauses--;
            _domain.Unpause();
            _journal.Note("resume");
        }
    }

    /// <inheritdoc/>
    /// <exception cref="VmiDriverException">Xen has no page for it, or the domain is gone.</exception>
    public Gfn AllocateGfn()
    {
        ThrowIfDisposed();
        lock (_control)
        {
            var gfn = new Gfn(_domain.MaxGfn() + 1);
            AllocateGfn(gfn);
            return gfn;
        }
    }

    /// <summary>Adds a given frame, beyond the domain's memory limit if need be; the limit is restored at <see cref="Detach"/>.</summary>
    /// <exception cref="VmiDriverException">There is a frame already, Xen has no page for it, or the domain is gone.</exception>
    public void AllocateGfn(Gfn gfn)
    {
        ThrowIfDisposed();
        lock (_control)
        {
            _frames.Add(gfn.Value);
            _map = null;
        }
    }

    /// <summary>Removes a frame that this driver added.</summary>
    /// <exception cref="VmiDriverException">This driver did not add it, or the domain is gone.</exception>
    public void FreeGfn(Gfn gfn)
    {
        ThrowIfDisposed();
        lock (_control)
        {
            var forgets = _views.Forgets(gfn.Value);
            // Between the removal and the recovery the guest would run through what the views are to stop it at.
            if (forgets)
                _domain.Pause();
            try
            {
                _frames.Remove(gfn.Value);
                if (forgets)
                    _views.Recover(gfn.Value, () => MemoryMap);
            }
            finally
            {
                if (forgets)
                    _domain.Unpause();
            }

            _memory.Forget(gfn.Value);
            _map = null;
        }
    }

    /// <summary>Injects an interrupt or exception, which the vCPU takes when it next runs.</summary>
    /// <exception cref="VmiDriverException">One waits there already, or the domain is gone.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vCPU.</exception>
    public void InjectInterrupt(VcpuId vcpu, VmiInterrupt interrupt)
    {
        ThrowIfDisposed();
        var injected = interrupt as Amd64Interrupt ?? throw new ArgumentException("This is no interrupt of AMD64.", nameof(interrupt));
        _injection ??= XenInjection.Open(_domain);
        _injection.Inject(Checked(vcpu), injected, pending: 0);
    }

    /// <summary>Takes back all that was set up: monitors, rights, views, frames.</summary>
    public void ResetState()
    {
        ThrowIfDisposed();
        lock (_control)
        {
            if (_attachment is null)
            {
                _frames.RemoveAll();
                return;
            }

            Pause();
            try
            {
                DisableAllMonitors();
                RestoreMemory();
                DrainEvents(Decline);
                Detach();
            }
            finally
            {
                Resume();
            }
        }
    }

    /// <summary>What was intercepted goes to the guest; all else goes on.</summary>
    private static VmiEventResponse Decline(VmiEvent vmiEvent) =>
        vmiEvent.Reason.IsIntercepted && !vmiEvent.Reason.IsSoftwareBreakpoint
            ? VmiEventResponse.ReinjectInterrupt
            : VmiEventResponse.Continue;
}
