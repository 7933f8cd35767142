namespace Vmi.Qemu;

/// <summary>A QEMU that runs on this host, as its process shows it; nothing is asked of QEMU itself.</summary>
public sealed record QemuProcess
{
    /// <summary>The process.</summary>
    public required int Pid { get; init; }

    /// <summary>The program: "qemu-system-x86_64".</summary>
    public required string Program { get; init; }

    /// <summary>The VM's name (`-name`); null if it has none.</summary>
    public string? Name { get; init; }

    /// <summary>The VM's UUID (`-uuid`); null if it has none.</summary>
    public string? Uuid { get; init; }

    /// <summary>The machine type (`-machine`); null if it is the default one.</summary>
    public string? Machine { get; init; }

    /// <summary>The size of the RAM in bytes that the VM started with (`-m`); null if it is the default one.</summary>
    public ulong? MemoryBytes { get; init; }

    /// <summary>What runs the guest's code: "kvm", "tcg".</summary>
    public required string Accelerator { get; init; }

    /// <summary>The monitors.</summary>
    public required IReadOnlyList<QemuMonitorSocket> Monitors { get; init; }

    /// <summary>All that run, ascending by pid. Those whose files in /proc are closed to us are there with what can be seen.</summary>
    public static IReadOnlyList<QemuProcess> List()
    {
        var found = new List<QemuProcess>();
        foreach (var pid in ProcFiles.Pids())
        {
            if (HostProcess.IsQemu(pid) && TryGet(pid) is { } process)
                found.Add(process);
        }
        return found;
    }

    /// <summary>The one with a pid; null if that is no QEMU, or gone.</summary>
    internal static QemuProcess? TryGet(int pid)
    {
        var line = ProcFiles.Read(pid, "cmdline");
        if (line.Length == 0 || !HostProcess.IsQemu(pid))
            return null;
        var arguments = QemuCommandLine.Parse(line.TrimEnd('\0').Split('\0'));
        var kvm = ProcFiles.Descriptors(pid).Any(descriptor => descriptor.Target == "anon_inode:kvm-vm");
        return new QemuProcess
        {
            Pid = pid,
            Program = HostProcess.ProgramName(pid),
            Name = arguments.Name,
            Uuid = arguments.Uuid,
            Machine = arguments.Machine,
            MemoryBytes = arguments.MemoryBytes,
            Accelerator = kvm ? "kvm" : arguments.Accelerator,
            Monitors = [.. arguments.Monitors.Select(monitor => monitor with { Path = Resolve(pid, monitor.Path) })],
        };
    }

    /// <summary>A path of another process as it can be opened from here: its working directory, mount namespace and root may differ.</summary>
    private static string? Resolve(int pid, string? path)
    {
        if (path is null || path.StartsWith('@'))
            return path;
        if (path.StartsWith('/'))
        {
            var elsewhere = ProcFiles.PathOf(pid, "root") + path;
            return IsSameRoot(pid) || !File.Exists(elsewhere) ? path : elsewhere;
        }
        var directory = ProcFiles.Link(pid, "cwd");
        if (directory is not null && IsSameRoot(pid) && File.Exists(Path.Combine(directory, path)))
            return Path.GetFullPath(Path.Combine(directory, path));
        var below = $"{ProcFiles.PathOf(pid, "cwd")}/{path}";
        if (File.Exists(below))
            return below;
        // `-daemonize` leaves the directory that the socket was made in.
        const string Variable = "PWD=";
        var started = ProcFiles.Read(pid, "environ").Split('\0').FirstOrDefault(entry => entry.StartsWith(Variable, StringComparison.Ordinal));
        return started is null ? path : Path.Combine(started[Variable.Length..], path);
    }

    private static bool IsSameRoot(int pid)
    {
        var space = ProcFiles.Link(pid, "ns/mnt");
        return space is null || (space == ProcFiles.Link(Environment.ProcessId, "ns/mnt")
            && ProcFiles.Link(pid, "root") == ProcFiles.Link(Environment.ProcessId, "root"));
    }
}
