namespace Vmi;

/// <summary>Which strings are found, and how.</summary>
public sealed record MemoryStringOptions
{
    /// <summary>The least characters of a string; at least 1. As with strings(1), 4 where nothing is said.</summary>
    public int LeastCharacters { get; init; } = 4;

    /// <summary>Whether strings of a byte a character are found.</summary>
    public bool FindsNarrow { get; init; } = true;

    /// <summary>Whether strings in UTF-16, little-endian, are found.</summary>
    public bool FindsWide { get; init; } = true;

    /// <summary>Is told how far the pass has come, on the thread that searches, after each piece of at most 1 MiB.</summary>
    public Action<MemoryProgress>? Progress { get; init; }
}
