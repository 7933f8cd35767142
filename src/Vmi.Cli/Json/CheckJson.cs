namespace Vmi.Cli.Json;

/// <summary>An entry of `check`.</summary>
internal sealed record CheckJson(
    string Check, string Result, IReadOnlyList<FindingJson> Findings, IReadOnlyList<string> NotChecked, string? Incomplete);
