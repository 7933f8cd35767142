using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>What of `struct task_struct` leads to its namespaces, and where those keep their numbers.</summary>
internal sealed class NamespaceLayout : StructLayout
{
    private readonly Profile _profile;

    public NamespaceLayout(Profile profile)
        : base(profile, "task_struct")
    {
        _profile = profile;
        Proxy = Number("nsproxy");
        Pid = Number("thread_pid");
        Credentials = Number("real_cred");
        UserOfCredentials = profile.Field("cred", "user_ns").Offset;
        PidNumber = InodeOf("pid_namespace");
        UserNumber = InodeOf("user_namespace");
        Cgroup = InProxy("cgroup_ns", "cgroup_namespace");
        Ipc = InProxy("ipc_ns", "ipc_namespace");
        Mount = InProxy("mnt_ns", "mnt_namespace");
        Network = InProxy("net_ns", "net");
        PidForChildren = InProxy("pid_ns_for_children", "pid_namespace");
        Time = InProxy("time_ns", "time_namespace");
        TimeForChildren = InProxy("time_ns_for_children", "time_namespace");
        Uts = InProxy("uts_ns", "uts_namespace");
    }

    public Field Proxy { get; }

    public Field Pid { get; }

    public Field Credentials { get; }

    public ulong UserOfCredentials { get; }

    public ulong? PidNumber { get; }

    public ulong? UserNumber { get; }

    public (ulong Pointer, ulong Number)? Cgroup { get; }

    public (ulong Pointer, ulong Number)? Ipc { get; }

    public (ulong Pointer, ulong Number)? Mount { get; }

    public (ulong Pointer, ulong Number)? Network { get; }

    public (ulong Pointer, ulong Number)? PidForChildren { get; }

    public (ulong Pointer, ulong Number)? Time { get; }

    public (ulong Pointer, ulong Number)? TimeForChildren { get; }

    public (ulong Pointer, ulong Number)? Uts { get; }

    /// <summary>The offset of the pointer in `struct nsproxy`, and that of `ns.inum` where it leads to; null if there is none.</summary>
    private (ulong Pointer, ulong Number)? InProxy(string field, string type) =>
        _profile.TryGetField("nsproxy", field, out var pointer) && InodeOf(type) is { } number ? (pointer.Offset, number) : null;

    private ulong? InodeOf(string type) => _profile.TryGetField(type, "ns.inum", out var inode) ? inode.Offset : null;
}
