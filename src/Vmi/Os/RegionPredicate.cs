namespace Vmi;

/// <summary>
/// Which region is meant. Converts from the name of the file behind it (the last part of its path; ASCII case does not matter) or a
/// function.
/// </summary>
public sealed class RegionPredicate
{
    private readonly Func<VmiRegion, bool> _matches;

    private RegionPredicate(Func<VmiRegion, bool> matches) => _matches = matches;

    /// <summary>Any region.</summary>
    public static RegionPredicate Any { get; } = new(_ => true);

    /// <summary>The regions backed by a file of a name.</summary>
    public static implicit operator RegionPredicate(string fileName) => new(region =>
        region.Path is { } path
        && path.AsSpan()[(path.LastIndexOfAny(['/', '\\']) + 1)..].Equals(fileName, StringComparison.OrdinalIgnoreCase));

    /// <summary>The regions that a function says yes to.</summary>
    public static implicit operator RegionPredicate(Func<VmiRegion, bool> matches) => new(matches);

    /// <summary>Whether a region is meant.</summary>
    public bool Matches(VmiRegion region) => _matches(region);
}
