namespace Vmi.Cli.Json;

/// <summary>The document of `read`.</summary>
internal sealed record ReadJson(string Address, string? Root, int Length, string Bytes);
