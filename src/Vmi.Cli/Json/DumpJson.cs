namespace Vmi.Cli.Json;

/// <summary>The document of `dump`.</summary>
internal sealed record DumpJson(string File, ulong MemoryBytes, ulong WrittenBytes, int Ranges, int Vcpus, bool Vmcoreinfo);
