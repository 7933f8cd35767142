namespace Vmi;

/// <summary>A module of the guest's kernel.</summary>
public abstract class VmiModule
{
    /// <summary>Where it is loaded.</summary>
    public abstract Va BaseAddress { get; }

    /// <summary>Bytes.</summary>
    public abstract ulong Size { get; }

    /// <summary>Its name.</summary>
    public abstract string Name { get; }
}
