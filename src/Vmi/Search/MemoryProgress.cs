namespace Vmi;

/// <summary>How far a pass over memory has come.</summary>
/// <param name="Done">Bytes that it has passed.</param>
/// <param name="Total">Bytes that there are to pass.</param>
public readonly record struct MemoryProgress(ulong Done, ulong Total);
