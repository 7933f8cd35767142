namespace Vmi.Linux;

/// <summary>The outcome of one check of a kernel.</summary>
public sealed class LinuxCheck
{
    /// <summary>What was checked.</summary>
    public required LinuxCheckKind Kind { get; init; }

    /// <summary>What was found; empty if all is as it should be, as far as it was checked.</summary>
    public required IReadOnlyList<LinuxFinding> Findings { get; init; }

    /// <summary>What could not be checked, and why, one line each.</summary>
    public required IReadOnlyList<string> NotChecked { get; init; }

    /// <summary>Whether anything was compared.</summary>
    public required bool WasRun { get; init; }

    /// <summary>Why less was compared than there is (memory that is not there, a bound); null if all was.</summary>
    public required string? Incomplete { get; init; }
}
