namespace Vmi;

/// <summary>A region of a process's address space.</summary>
public abstract class VmiRegion
{
    /// <summary>The first byte.</summary>
    public abstract Va Start { get; }

    /// <summary>The first byte after it.</summary>
    public abstract Va End { get; }

    /// <summary>What the process may do with it.</summary>
    public abstract MemoryAccess Protection { get; }

    /// <summary>What stands behind it.</summary>
    public abstract VmiRegionKind Kind { get; }

    /// <summary>The path of the file behind it; null if there is none.</summary>
    public abstract string? Path { get; }

    /// <summary>Whether it is memory of the process's own.</summary>
    public bool IsPrivate => Kind == VmiRegionKind.Private;

    /// <summary>Whether a file or shared memory stands behind it.</summary>
    public bool IsMapped => Kind != VmiRegionKind.Private;
}
