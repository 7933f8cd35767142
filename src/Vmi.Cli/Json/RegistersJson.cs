namespace Vmi.Cli.Json;

/// <summary>An entry of `registers`: a vCPU. What the source lacks is null.</summary>
internal sealed record RegistersJson(
    int Vcpu,
    IReadOnlyDictionary<string, string?> Registers,
    IReadOnlyDictionary<string, SegmentJson?> Segments,
    IReadOnlyDictionary<string, TableJson?> Tables);
