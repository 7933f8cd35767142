using Vmi.Qemu;
using Vmi.Xen;

namespace Vmi.Targets;

/// <summary>A virtual machine that runs on this host.</summary>
/// <param name="Target">What <see cref="VmiTarget.Open"/> takes for it; null if it can't be attached to.</param>
/// <param name="Name">Its name; null if it has none.</param>
/// <param name="Pid">The host's process that runs it; null if none does (a Xen domain).</param>
/// <param name="Program">That process's program: "qemu-system-x86_64"; "xen".</param>
/// <param name="Accelerator">What runs the guest's code: "kvm", "tcg", "xen".</param>
/// <param name="MemoryBytes">The size of its RAM in bytes when it started; null if its command line does not say.</param>
public sealed record RunningVm(string? Target, string? Name, int? Pid, string Program, string Accelerator, ulong? MemoryBytes)
{
    private const string LibvirtMonitor = "chardev:charmonitor";

    internal static RunningVm Of(QemuProcess process) =>
        new(TargetOf(process), process.Name, process.Pid, process.Program, process.Accelerator, process.MemoryBytes);

    internal static RunningVm Of(XenDomainEntry domain) =>
        new(domain.CanOpen ? $"xen:{domain.Id}" : null, domain.Name, null, "xen", "xen", domain.MemoryBytes);

    private static string? TargetOf(QemuProcess process)
    {
        var monitors = process.Monitors.Where(monitor => monitor.Kind == QemuMonitorKind.Qmp).ToList();
        if (monitors.Find(monitor => monitor.Path is not null) is { Path: { } path })
        {
            // libvirt holds its monitor's socket itself and passes commands on.
            return process.Name is { } domain && path.StartsWith("/var/lib/libvirt/", StringComparison.Ordinal)
                ? $"libvirt:{domain}"
                : $"qemu:{path}";
        }

        // libvirt may also open the socket itself before it starts QEMU: then the command line shows no path.
        return monitors.Exists(monitor => monitor.Device == LibvirtMonitor) && process.Name is { } name ? $"libvirt:{name}" : null;
    }
}
