namespace Vmi.Xen;

/// <summary>How a domain is opened.</summary>
public sealed record XenOptions
{
    /// <summary>What is used where none are given.</summary>
    public static XenOptions Default { get; } = new();

    /// <summary>How many bytes of the domain's memory stay mapped for later reads, at most. 64 MiB if not set.</summary>
    public long MappedBytes { get; init; } = 64 << 20;
}
