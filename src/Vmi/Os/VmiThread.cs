namespace Vmi;

/// <summary>A thread of the guest.</summary>
public abstract class VmiThread
{
    /// <summary>Its number.</summary>
    public abstract ThreadId Id { get; }

    /// <summary>The kernel's structure for it.</summary>
    public abstract ThreadObject Object { get; }
}
