namespace Vmi.Dumps;

/// <summary>What an ELF vmcore was written with.</summary>
/// <param name="MemoryBytes">Bytes of guest memory, zeros included.</param>
/// <param name="WrittenBytes">Of them those that take room in the file: pages that are all zero do not.</param>
/// <param name="Ranges">Ranges of memory: PT_LOAD segments.</param>
/// <param name="Vcpus">vCPUs whose registers are in it.</param>
/// <param name="HasVmCoreInfo">Whether VMCOREINFO is in it.</param>
/// <param name="Incomplete">Why not all memory is in it (what is missing is zero); null if it is.</param>
public sealed record ElfCoreSummary(
    ulong MemoryBytes, ulong WrittenBytes, int Ranges, int Vcpus, bool HasVmCoreInfo, string? Incomplete);
