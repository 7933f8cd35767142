namespace Vmi.Linux;

/// <summary>A part of a file.</summary>
/// <param name="Offset">Its first byte.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct LinuxFileRange(ulong Offset, ulong Length);
