namespace Vmi.Cli.Json;

/// <summary>The document of `write`.</summary>
internal sealed record WriteJson(string Address, string? Root, int Length);
