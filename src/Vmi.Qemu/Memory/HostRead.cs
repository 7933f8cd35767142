namespace Vmi.Qemu;

/// <summary>One of many reads from another process.</summary>
/// <param name="address">Where in the process.</param>
/// <param name="destination">Where the bytes go.</param>
internal struct HostRead(ulong address, Memory<byte> destination)
{
    public ulong Address { get; } = address;

    public Memory<byte> Destination { get; } = destination;

    /// <summary>How many bytes from the start were there.</summary>
    public int BytesRead { get; set; }
}
