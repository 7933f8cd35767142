using System.Text.Json;

namespace Vmi.Qemu;

/// <summary>The commands that the driver gives, each with its answer taken apart.</summary>
internal static class QemuMonitorCommands
{
    /// <summary>Gives a command of the human monitor and returns its text.</summary>
    public static string Human(this IQemuMonitor monitor, string line) =>
        QmpMessage.Text(monitor.Execute("human-monitor-command", ("command-line", line)))
        ?? throw QmpMessage.Unexpected(line);

    /// <summary>Whether the vCPUs run.</summary>
    public static bool IsRunning(this IQemuMonitor monitor) =>
        QmpMessage.Flag(monitor.Execute("query-status"), "running") ?? throw QmpMessage.Unexpected("query-status");

    /// <summary>The state of the machine in QEMU's words: "running", "paused", "guest-panicked", "shutdown".</summary>
    public static string RunState(this IQemuMonitor monitor) =>
        QmpMessage.Text(monitor.Execute("query-status"), "status") ?? throw QmpMessage.Unexpected("query-status");

    /// <summary>Injects a non-maskable interrupt: on x86 into every vCPU.</summary>
    public static void InjectNmi(this IQemuMonitor monitor) => monitor.Execute("inject-nmi");

    /// <summary>Stops all vCPUs.</summary>
    public static void Stop(this IQemuMonitor monitor) => monitor.Execute("stop");

    /// <summary>Sets the vCPUs going.</summary>
    public static void Continue(this IQemuMonitor monitor) => monitor.Execute("cont");

    /// <summary>Whether the guest runs on KVM.</summary>
    public static bool IsKvm(this IQemuMonitor monitor) =>
        QmpMessage.Flag(monitor.Execute("query-kvm"), "enabled") ?? throw QmpMessage.Unexpected("query-kvm");

    /// <summary>The VM's name (`-name`); null if it has none.</summary>
    public static string? GuestName(this IQemuMonitor monitor) => QmpMessage.Text(monitor.Execute("query-name"), "name");

    /// <summary>The vCPUs: their kind (`target`: "x86_64"), and the host thread of each as QEMU's own pid namespace numbers it.</summary>
    public static IReadOnlyList<(string Target, int Thread)> Vcpus(this IQemuMonitor monitor)
    {
        var answer = monitor.Execute("query-cpus-fast");
        if (answer.ValueKind != JsonValueKind.Array || answer.GetArrayLength() == 0)
            throw QmpMessage.Unexpected("query-cpus-fast");
        var vcpus = new List<(string, int)>();
        foreach (var vcpu in answer.EnumerateArray())
        {
            var thread = QmpMessage.Number(vcpu, "thread-id") ?? 0;
            if (QmpMessage.Text(vcpu, "target") is not { } target || thread is <= 0 or > int.MaxValue)
                throw QmpMessage.Unexpected("query-cpus-fast");
            vcpus.Add((target, (int)thread));
        }
        return vcpus;
    }

    /// <summary>The state of a migration out of this VM; null if there was none.</summary>
    public static string? MigrationStatus(this IQemuMonitor monitor) =>
        QmpMessage.Text(monitor.Execute("query-migrate"), "status");

    /// <summary>The character devices: label and what they are connected to.</summary>
    public static IReadOnlyList<(string Label, string Filename)> CharacterDevices(this IQemuMonitor monitor)
    {
        var answer = monitor.Execute("query-chardev");
        if (answer.ValueKind != JsonValueKind.Array)
            throw QmpMessage.Unexpected("query-chardev");
        return [.. answer.EnumerateArray().Select(device => (QmpMessage.Text(device, "label") ?? "", QmpMessage.Text(device, "filename") ?? ""))];
    }
}
