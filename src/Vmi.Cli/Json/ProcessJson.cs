namespace Vmi.Cli.Json;

/// <summary>An entry of `ps`: a thread group.</summary>
internal sealed record ProcessJson(
    uint Pid,
    uint Tgid,
    uint Ppid,
    string Name,
    string? CommandLine,
    string? Executable,
    string State,
    bool KernelThread,
    uint? Uid,
    uint? Gid,
    uint? Euid,
    uint? Egid,
    decimal StartTime,
    string Address,
    string? TranslationRoot,
    string? UserTranslationRoot);
