namespace Vmi.Cli.Json;

/// <summary>The document of `info`.</summary>
internal sealed record InfoJson(
    string Target,
    string Driver,
    string Architecture,
    bool Live,
    int? Vcpus,
    ulong MemoryBytes,
    IReadOnlyList<RangeJson> MemoryMap,
    KernelJson? Kernel);
