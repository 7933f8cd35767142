namespace Vmi.Cli.Json;

/// <summary>A descriptor-table register in `registers`.</summary>
internal sealed record TableJson(string Base, string Limit);
