namespace Vmi.Linux;

/// <summary>
/// The namespaces of a process, by the inode numbers that /proc/PID/ns shows (`ns_common.inum`), at the moment they were read. Null is
/// what the kernel has not, what the process has no more (a zombie keeps two), and what is not there.
/// </summary>
public sealed record LinuxNamespaces
{
    /// <summary>ns/cgroup.</summary>
    public required uint? Cgroup { get; init; }

    /// <summary>ns/ipc.</summary>
    public required uint? Ipc { get; init; }

    /// <summary>ns/mnt.</summary>
    public required uint? Mount { get; init; }

    /// <summary>ns/net.</summary>
    public required uint? Network { get; init; }

    /// <summary>ns/pid: the one that the process itself is in.</summary>
    public required uint? Pid { get; init; }

    /// <summary>ns/pid_for_children: the one that its children will be in.</summary>
    public required uint? PidForChildren { get; init; }

    /// <summary>ns/time.</summary>
    public required uint? Time { get; init; }

    /// <summary>ns/time_for_children.</summary>
    public required uint? TimeForChildren { get; init; }

    /// <summary>ns/user.</summary>
    public required uint? User { get; init; }

    /// <summary>ns/uts.</summary>
    public required uint? Uts { get; init; }

    /// <summary>
    /// The process's number in each namespace, from the outermost to its own, as NSpid of /proc/PID/status shows them; empty if that is
    /// not there.
    /// </summary>
    public required IReadOnlyList<uint> Pids { get; init; }

    /// <summary>
    /// The control group in the unified hierarchy, as /proc/PID/cgroup shows it in its line `0::`; null if there is none.
    /// </summary>
    public required string? ControlGroup { get; init; }
}
