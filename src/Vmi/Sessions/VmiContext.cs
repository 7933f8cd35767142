namespace Vmi;

/// <summary>A state at an event: what happened, and everything readable through the vCPU it happened on. Valid until the handler returns.</summary>
/// <typeparam name="TOs">The operating system.</typeparam>
public sealed class VmiContext<TOs> : VmiState<TOs>
    where TOs : VmiOs
{
    internal VmiContext(VmiSession<TOs> session, VmiEvent vmiEvent)
        : base(session, vmiEvent.Registers) => Event = vmiEvent;

    /// <summary>What happened.</summary>
    public VmiEvent Event { get; private set; }

    /// <summary>The state: this object, without the event.</summary>
    public VmiState<TOs> State => this;

    internal void Renew(VmiEvent vmiEvent)
    {
        Event = vmiEvent;
        Replace(vmiEvent.Registers);
    }
}
