namespace Vmi.Cli.Json;

/// <summary>An entry of `env`.</summary>
internal sealed record EnvironmentJson(string Name, string? Value);
