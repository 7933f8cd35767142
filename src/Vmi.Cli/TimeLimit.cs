using System.Globalization;

namespace Vmi.Cli;

/// <summary>How long a command may read. Then no more is read, and the command ends with what it has.</summary>
internal sealed class TimeLimit : IDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly TimeSpan _length;

    /// <summary>A limit that runs from now on.</summary>
    /// <param name="length">How long; <see cref="Timeout.InfiniteTimeSpan"/> for no end.</param>
    public TimeLimit(TimeSpan length)
    {
        _length = length;
        _ending.CancelAfter(length);
    }

    /// <summary>Is cancelled when the time is up.</summary>
    public CancellationToken Token => _ending.Token;

    /// <summary>Says what happened, where the time was up before the reading was done; else null.</summary>
    public string? Reached => _ending.IsCancellationRequested
        ? string.Create(CultureInfo.InvariantCulture, $"the time limit of {_length.TotalSeconds:0.###} s was reached (--time-limit)")
        : null;

    /// <summary>What was to be read has been: who takes the result may take his time.</summary>
    public void Stop() => _ending.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose() => _ending.Dispose();
}
