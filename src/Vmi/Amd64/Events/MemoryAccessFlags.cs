namespace Vmi.Amd64;

/// <summary>How the touch of a frame came about.</summary>
[Flags]
public enum MemoryAccessFlags : byte
{
    /// <summary>Nothing is known.</summary>
    None = 0,

    /// <summary>The guest-linear address is known.</summary>
    GlaValid = 1,

    /// <summary>The touch was that of the guest-linear address itself.</summary>
    FaultWithGla = 2,

    /// <summary>The touch was that of the guest's page tables, while the address was translated.</summary>
    FaultInGpt = 4,
}
