namespace Vmi.Cli.Json;

/// <summary>An entry of `threads`.</summary>
internal sealed record ThreadJson(
    uint Tid, uint Tgid, string Name, string ProcessName, string State, bool KernelThread, uint? Uid, decimal StartTime, string Address,
    string? Function, string? Work, bool? OutsideKernel);
