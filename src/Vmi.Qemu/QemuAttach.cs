using System.Globalization;

namespace Vmi.Qemu;

/// <summary>Finds the monitor that a target means, and the process behind it.</summary>
internal static class QemuAttach
{
    /// <summary>Connects to the monitor of a target.</summary>
    /// <exception cref="VmiDriverException">There is none, or several; the message says what to do.</exception>
    public static IQemuMonitor Connect(QemuTarget target, QemuOptions options) => target.Kind switch
    {
        QemuTargetKind.Socket => ConnectSocket(target.Value, options),
        QemuTargetKind.Libvirt => new VirshMonitor(target.Value, options.VirshPath, options.CommandTimeout),
        QemuTargetKind.Name => ConnectProcess(ByName(target.Value), options),
        _ => ConnectProcess(ByPid(int.Parse(target.Value, CultureInfo.InvariantCulture)), options),
    };

    /// <summary>The process that runs the VM behind a monitor.</summary>
    /// <param name="monitor">The monitor.</param>
    /// <param name="thread">The host thread of a vCPU, as QEMU numbers it.</param>
    /// <exception cref="VmiDriverException">It is not visible here.</exception>
    public static HostProcess FindProcess(IQemuMonitor monitor, int thread)
    {
        // The socket's other end is QEMU itself, also from within a container; or it is libvirt, which made the socket for QEMU. The
        // thread is right in QEMU's own pid namespace only.
        if (monitor.PeerPid is { } peer && HostProcess.IsQemu(peer))
            return HostProcess.Open(peer);
        if (HostProcess.OfThread(thread) is { } owner && HostProcess.IsQemu(owner))
            return HostProcess.Open(owner);
        throw new VmiDriverException($"The QEMU process behind {monitor.Name} is not visible here: run this on its host, outside a container.");
    }

    private static QmpSocketMonitor ConnectSocket(string path, QemuOptions options) => QmpSocketMonitor.Connect(
        path.StartsWith('@') ? "\0" + path[1..] : path, options.GreetingTimeout, options.CommandTimeout);

    private static QmpSocketMonitor ConnectProcess(QemuProcess process, QemuOptions options)
    {
        VmiDriverException? last = null;
        foreach (var monitor in process.Monitors)
        {
            if (monitor is not { Kind: QemuMonitorKind.Qmp, Path: { } path })
                continue;
            QmpSocketMonitor? connected = null;
            try
            {
                connected = ConnectSocket(path, options);
                // The file may be a later QEMU's: a socket's name is no lock.
                if (connected.PeerPid is not { } peer || peer == process.Pid || !HostProcess.IsQemu(peer))
                    return connected;
                last = new VmiDriverException($"{path} belongs to another QEMU by now (pid {peer}).");
            }
            catch (VmiDriverException error)
            {
                last = error;
            }
            connected?.Dispose();
        }
        throw last ?? new VmiDriverException(WhyNoMonitor(process));
    }

    private static string WhyNoMonitor(QemuProcess process)
    {
        var which = $"QEMU (pid {process.Pid})";
        if (process.Monitors.Any(monitor => monitor is { Kind: QemuMonitorKind.Qmp, Path: null, Device: not ("stdio" or "vc") }))
            return $"{which} has a QMP monitor but no socket path for it: if libvirt runs it, attach to `libvirt:{process.Name ?? "NAME"}`.";
        if (process.Monitors.Count > 0)
            return $"{which} has a human monitor only: start it with `-qmp unix:/path/qmp.sock,server=on,wait=off`.";
        return $"{which} has no monitor: start it with `-qmp unix:/path/qmp.sock,server=on,wait=off`.";
    }

    private static QemuProcess ByPid(int pid) => QemuProcess.TryGet(pid)
        ?? throw new VmiDriverException($"Process {pid} is no running QEMU: look for running VMs with `vmi list`.");

    private static QemuProcess ByName(string name)
    {
        var found = QemuProcess.List().Where(process => process.Name == name).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new VmiDriverException($"No QEMU runs here under the name `{name}`: look for running VMs with `vmi list`."),
            _ => throw new VmiDriverException(
                $"Several QEMUs run under the name `{name}`: choose one by `pid=`: {string.Join(", ", found.Select(process => process.Pid))}."),
        };
    }
}
