namespace Vmi.Cli.Json;

/// <summary>An entry of `disasm`.</summary>
internal sealed record InstructionJson(string Address, string Bytes, string Text, string? Symbol, string? Target, string? TargetSymbol);
