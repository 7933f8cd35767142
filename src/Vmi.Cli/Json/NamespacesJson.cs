namespace Vmi.Cli.Json;

/// <summary>An entry of `namespaces`.</summary>
internal sealed record NamespacesJson(
    uint Pid,
    string Name,
    IReadOnlyList<uint> Pids,
    uint? Cgroup,
    uint? Ipc,
    uint? Mnt,
    uint? Net,
    uint? PidNamespace,
    uint? PidForChildren,
    uint? Time,
    uint? TimeForChildren,
    uint? User,
    uint? Uts,
    string? ControlGroup);
