namespace Vmi.Cli.Json;

/// <summary>An entry of `modules`.</summary>
internal sealed record ModuleJson(
    string Name,
    string Address,
    ulong Size,
    string State,
    string Taints,
    int? References,
    IReadOnlyList<string> UsedBy,
    string? Version,
    string? SourceVersion,
    string Object);
