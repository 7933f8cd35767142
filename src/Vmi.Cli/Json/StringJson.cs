namespace Vmi.Cli.Json;

/// <summary>An entry of `strings`.</summary>
internal sealed record StringJson(string Address, string? Region, string Encoding, string Text);
