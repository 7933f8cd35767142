namespace Vmi.Cli.Json;

/// <summary>An entry of `search`.</summary>
internal sealed record MatchJson(string Address, string? Region, string Bytes);
