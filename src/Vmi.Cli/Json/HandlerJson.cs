namespace Vmi.Cli.Json;

/// <summary>An entry of `syscalls`.</summary>
internal sealed record HandlerJson(
    string Table, int Number, string? Name, string Address, string? Symbol, string? Module, bool InKernelText);
