namespace Vmi.Xen;

/// <summary>The bell beside the ring.</summary>
internal interface IEventChannel : IDisposable
{
    /// <summary>Waits until it rings; false if the time ran out.</summary>
    bool Wait(int milliseconds);

    /// <summary>Tells Xen that there are answers.</summary>
    void Notify();
}
