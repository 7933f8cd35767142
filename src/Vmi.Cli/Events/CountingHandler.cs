using Vmi.Linux;

namespace Vmi.Cli.Events;

/// <summary>A handler that is done when it has shown a number of events.</summary>
internal abstract class CountingHandler(long count) : VmiHandler<LinuxOs, long>
{
    private long _shown;

    /// <summary>Whether all were shown.</summary>
    protected bool IsDone => _shown >= count;

    public override bool Poll(out long result)
    {
        result = _shown;
        return IsDone;
    }

    /// <summary>Counts one.</summary>
    protected void CountOne() => _shown++;
}
