namespace Vmi.Hooks;

/// <summary>Memory that <see cref="Watchpoints"/> watches.</summary>
public sealed class Watchpoint
{
    internal Watchpoint(AddressContext address, int length, MemoryAccess access) => (Address, Length, Access) = (address, length, access);

    /// <summary>The first byte, and below which root.</summary>
    public AddressContext Address { get; }

    /// <summary>How many bytes: 1, 2, 4 or 8.</summary>
    public int Length { get; }

    /// <summary>Which touches are wanted: <see cref="MemoryAccess.Read"/>, <see cref="MemoryAccess.Write"/>, or both.</summary>
    public MemoryAccess Access { get; }
}
