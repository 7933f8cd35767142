namespace Vmi;

/// <summary>A program or library loaded into a process.</summary>
public abstract class VmiUserModule
{
    /// <summary>Where it is loaded.</summary>
    public abstract Va BaseAddress { get; }

    /// <summary>Bytes.</summary>
    public abstract ulong Size { get; }

    /// <summary>Its name.</summary>
    public abstract string Name { get; }
}
