namespace Vmi;

/// <summary>A run of virtual memory that lies contiguous in physical memory.</summary>
/// <param name="Va">Its first byte.</param>
/// <param name="Pa">Where that lies.</param>
/// <param name="Length">Bytes; not 0.</param>
public readonly record struct MappedRun(Va Va, Pa Pa, ulong Length);
