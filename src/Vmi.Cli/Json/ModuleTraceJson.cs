namespace Vmi.Cli.Json;

/// <summary>A line of `trace modules`: a system call that loads or removes a module.</summary>
internal sealed record ModuleTraceJson(
    string Time,
    int Vcpu,
    uint Pid,
    uint Tid,
    string Name,
    string Syscall,
    IReadOnlyList<string> Arguments,
    long? Result,
    string? Error,
    string? Module);
