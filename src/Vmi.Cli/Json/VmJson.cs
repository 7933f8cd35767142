namespace Vmi.Cli.Json;

/// <summary>An entry of `list`.</summary>
internal sealed record VmJson(string? Target, string? Name, int? Pid, string Program, string Accelerator, ulong? MemoryBytes);
