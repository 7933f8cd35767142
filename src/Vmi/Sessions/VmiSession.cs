namespace Vmi;

/// <summary>
/// A core together with an operating system: memory, control, and events. With a vCPU's registers it becomes a
/// <see cref="VmiState{TOs}"/>.
/// </summary>
/// <typeparam name="TOs">The operating system; <see cref="NoOs"/> if there is none.</typeparam>
public class VmiSession<TOs> : VmiMemory
    where TOs : VmiOs
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A session over a core.</summary>
    public VmiSession(VmiCore core, TOs os)
        : base((core ?? throw new ArgumentNullException(nameof(core))).Machine)
    {
        ArgumentNullException.ThrowIfNull(os);
        Core = core;
        UnderlyingOs = os;
    }

    /// <summary>The core.</summary>
    public VmiCore Core { get; }

    /// <summary>The operating system, bound to no vCPU.</summary>
    public TOs UnderlyingOs { get; }

    /// <summary>A state: this session seen through a vCPU's registers.</summary>
    /// <param name="registers">The registers; null for what needs none (a file that has none): the kernel's memory is still known.</param>
    public VmiState<TOs> WithRegisters(Registers? registers) => new(this, registers);

    /// <summary>The same session without its operating system.</summary>
    public VmiSession<NoOs> WithoutOs() => new(Core, NoOs.Instance);

    /// <summary>
    /// Pauses the VM until the guard is disposed of, and takes the registers of vCPU 0. On a file there is nothing to pause.
    /// </summary>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public override VmiPauseGuard<TOs> PauseGuard() => new(this);

    /// <summary>Waits until an event has happened and hands all that are queued to a handler; nothing is set up or taken back.</summary>
    /// <exception cref="TimeoutException">None happened in time.</exception>
    /// <exception cref="VmiNotSupportedException">The driver has no events.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void WaitForEvent(TimeSpan timeout, VmiHandler<TOs> handler, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var contexts = new ContextTable<TOs>(this);
        WaitForEvent(timeout, vmiEvent => handler.HandleEvent(contexts.For(vmiEvent)), cancellationToken);
    }

    /// <summary><see cref="HandleWithTimeout"/> with 5 seconds.</summary>
    public VmiOutcome<TResult> Handle<TResult>(
        Func<VmiSession<TOs>, VmiHandler<TOs, TResult>> handlerFactory, CancellationToken cancellationToken = default) =>
        HandleWithTimeout(DefaultTimeout, handlerFactory, cancellationToken);

    /// <summary>
    /// Delivers events to a handler until it has a result, the token is cancelled, or something fails. Whatever ends it, all that was
    /// set up in the VM is taken back before this returns or throws.
    /// </summary>
    /// <param name="timeout">After how long without an event <see cref="VmiHandler{TOs}.HandleTimeout"/> is called.</param>
    /// <param name="handlerFactory">Makes the handler; what it sets up in the VM is taken back too if it fails half-way.</param>
    /// <param name="cancellationToken">Ends it; heeded within 100 ms.</param>
    /// <exception cref="InvalidOperationException">The VM is held by a pause of this session, or a handler runs already.</exception>
    /// <exception cref="VmiNotSupportedException">The driver has no events.</exception>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public VmiOutcome<TResult> HandleWithTimeout<TResult>(
        TimeSpan timeout, Func<VmiSession<TOs>, VmiHandler<TOs, TResult>> handlerFactory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handlerFactory);
        var events = Events;
        if (Machine.Pauses > 0)
            throw new InvalidOperationException("The VM is paused by this session: no event can happen. End the pause first.");
        if (Machine.Loop is not null)
            throw new InvalidOperationException("This session handles events already.");
        var loop = new HandlerLoop<TOs, TResult>(this, events);
        Machine.Loop = loop;
        try
        {
            return loop.Run(timeout, handlerFactory, cancellationToken);
        }
        finally
        {
            Machine.Loop = null;
        }
    }

    /// <summary>Calls a handler while the vCPU of the event stands still.</summary>
    internal VmiEventResponse HandleStill(VmiHandler<TOs> handler, VmiContext<TOs> context)
    {
        Machine.BeginStillness();
        try
        {
            return handler.HandleEvent(context);
        }
        finally
        {
            Machine.EndStillness();
        }
    }
}
