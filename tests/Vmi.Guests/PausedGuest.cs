namespace Vmi.Guests;

/// <summary>Holds a VM stopped; continues it only if it ran before.</summary>
internal sealed class PausedGuest : IDisposable
{
    private readonly HarnessMonitor _monitor;
    private bool _ran;

    public PausedGuest(HarnessMonitor monitor)
    {
        _monitor = monitor;
        _ran = monitor.IsRunning;
        if (_ran)
            monitor.Execute("stop");
    }

    public void Dispose()
    {
        if (_ran)
            _monitor.Execute("cont");
        _ran = false;
    }
}
