namespace Vmi;

/// <summary>How a search goes.</summary>
public sealed record MemorySearchOptions
{
    /// <summary>
    /// The most matches; the search ends with the last of them. Null means the bound of <see cref="VmiLimits.ListEntries"/>.
    /// </summary>
    public int? MostMatches { get; init; }

    /// <summary>Is told how far the search has come, on the thread that searches, after each piece of at most 1 MiB.</summary>
    public Action<MemoryProgress>? Progress { get; init; }
}
