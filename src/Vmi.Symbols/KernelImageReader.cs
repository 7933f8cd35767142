namespace Vmi.Symbols;

/// <summary>Reads the memory of a kernel.</summary>
/// <param name="address">Where to start.</param>
/// <param name="destination">Where the bytes go.</param>
/// <returns>How many bytes from the start were there: fewer than asked for at a missing page; 0 if the first is missing.</returns>
public delegate int KernelImageReader(Va address, Span<byte> destination);
