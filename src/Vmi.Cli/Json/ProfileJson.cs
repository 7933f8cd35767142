namespace Vmi.Cli.Json;

/// <summary>The document of `profile save`.</summary>
internal sealed record ProfileJson(string File, string Banner, string? BuildId, int Symbols, int Types);
