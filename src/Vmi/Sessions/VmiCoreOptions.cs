namespace Vmi;

/// <summary>The sizes of the caches of a <see cref="VmiCore"/>, and its bounds.</summary>
public sealed record VmiCoreOptions
{
    /// <summary>How many translations are remembered, rounded up to a power of two; at least 1. Each takes 40 bytes.</summary>
    public int TranslationCacheEntries { get; init; } = 8192;

    /// <summary>How many frames are remembered; at least 1. A copied frame takes 4 KiB, one that was also handed out 8 KiB.</summary>
    public int PageCacheEntries { get; init; } = 8192;

    /// <summary>The bounds against a hostile guest.</summary>
    public VmiLimits Limits { get; init; } = VmiLimits.Default;

    /// <summary>
    /// Once this is cancelled nothing is read any more: each read fails, virtual ones with
    /// <see cref="TranslationFaultCause.ReadingEnded"/>, so that every walk ends soon, and with what it has. Passes over memory, as a
    /// search, have a token of their own.
    /// </summary>
    public CancellationToken ReadingEnds { get; init; }
}
