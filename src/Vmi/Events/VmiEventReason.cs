namespace Vmi;

/// <summary>Why an event was delivered. The reasons are those of an architecture, `Amd64EventReason` among them.</summary>
public abstract record VmiEventReason
{
    /// <summary>Whether a breakpoint instruction was executed.</summary>
    public virtual bool IsSoftwareBreakpoint => false;

    /// <summary>
    /// Whether an interrupt or exception of the guest was intercepted: it is lost unless the answer is
    /// <see cref="VmiEventResponse.ReinjectInterrupt"/>.
    /// </summary>
    public virtual bool IsIntercepted => false;

    /// <summary>Whether a single step ended.</summary>
    public virtual bool IsSinglestep => false;
}
