namespace Vmi;

/// <summary>Answers events.</summary>
/// <typeparam name="TOs">The operating system.</typeparam>
public abstract class VmiHandler<TOs>
    where TOs : VmiOs
{
    /// <summary>Answers one event. The context is valid until it returns. An exception ends the loop, after all was taken back.</summary>
    public abstract VmiEventResponse HandleEvent(VmiContext<TOs> vmi);

    /// <summary>No event has happened for the loop's timeout.</summary>
    public virtual void HandleTimeout(VmiSession<TOs> session)
    {
    }

    /// <summary>The loop was cancelled; the result is asked for once more after this.</summary>
    public virtual void HandleInterrupted(VmiSession<TOs> session)
    {
    }

    /// <summary>The loop has ended, whatever ended it. The VM is paused, monitors are off; no event is delivered to it any more.</summary>
    public virtual void Cleanup(VmiSession<TOs> session)
    {
    }
}
