namespace Vmi;

/// <summary>A field of a structure: where it lies and how large it is.</summary>
/// <param name="Offset">Bytes from the start of the structure.</param>
/// <param name="Size">Bytes.</param>
public readonly record struct Field(ulong Offset, ulong Size);
