namespace Vmi.Cli.Json;

/// <summary>An entry of `sym`.</summary>
internal sealed record SymbolJson(string Name, string Address, ulong Offset, string? Type, string? Module);
