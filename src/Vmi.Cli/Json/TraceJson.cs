namespace Vmi.Cli.Json;

/// <summary>A line of `trace syscalls`, `trace exec` and `trace files`: a system call.</summary>
internal sealed record TraceJson(
    string Time,
    int Vcpu,
    uint Pid,
    uint Tid,
    string Name,
    string Syscall,
    IReadOnlyList<string> Arguments,
    long? Result,
    string? Error);
