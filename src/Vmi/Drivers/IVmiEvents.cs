namespace Vmi;

/// <summary>The ability to deliver events, and to take back, step by step, all that was set up for them.</summary>
public interface IVmiEvents : IVmiDriver
{
    /// <summary>Events that have happened and were not delivered yet.</summary>
    int EventsPending { get; }

    /// <summary>The time the driver itself spent on events so far, without the handlers'.</summary>
    TimeSpan EventProcessingOverhead { get; }

    /// <summary>Begins to deliver a kind of event.</summary>
    /// <exception cref="VmiNotSupportedException">This driver can't deliver that kind.</exception>
    void EnableMonitor(VmiMonitor monitor);

    /// <summary>Stops delivering a kind of event. One that is not enabled is no error.</summary>
    void DisableMonitor(VmiMonitor monitor);

    /// <summary>Stops delivering every kind of event. The first step of a teardown.</summary>
    void DisableAllMonitors();

    /// <summary>Waits until an event has happened, delivers all that are queued, and puts each answer into effect.</summary>
    /// <returns>False if the time ran out before one happened.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; heeded within 100 ms.</exception>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    bool WaitForEvent(TimeSpan timeout, VmiEventCallback callback, CancellationToken cancellationToken);

    /// <summary>Restores the rights of all frames that were changed and puts all vCPUs into the default view.</summary>
    void RestoreMemory();

    /// <summary>Delivers what is queued to <paramref name="callback"/>, without waiting for more.</summary>
    void DrainEvents(VmiEventCallback callback);

    /// <summary>Destroys the views made, frees the frames allocated, and lets go of the VM's event channel. The last step.</summary>
    void Detach();
}
