namespace Vmi;

/// <summary>One of many reads handed to a driver in one call.</summary>
/// <param name="address">Where to read.</param>
/// <param name="destination">Where the bytes go.</param>
public struct PhysicalRead(Pa address, Memory<byte> destination)
{
    /// <summary>Where to read.</summary>
    public Pa Address { get; } = address;

    /// <summary>Where the bytes go.</summary>
    public Memory<byte> Destination { get; } = destination;

    /// <summary>How many bytes from the start were there; set by the driver.</summary>
    public int BytesRead { get; set; }

    /// <summary>Whether all of it was there.</summary>
    public readonly bool IsComplete => BytesRead == Destination.Length;
}
