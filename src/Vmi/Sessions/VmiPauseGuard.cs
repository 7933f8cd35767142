namespace Vmi;

/// <summary>Keeps the VM paused until it is disposed of. On a file there is nothing to pause.</summary>
public class VmiPauseGuard : IDisposable
{
    private VmiMemory? _paused;

    internal VmiPauseGuard(VmiMemory memory)
    {
        if (!memory.Driver.IsLive)
            return;
        memory.Pause();
        _paused = memory;
    }

    /// <summary>Resumes the VM; once.</summary>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Interlocked.Exchange(ref _paused, null)?.Resume();
    }
}
