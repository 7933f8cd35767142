using System.Net.Sockets;

namespace Vmi.Qemu;

/// <summary>
/// QEMU's gdbstub, started through the monitor for as long as this lives. QEMU connects to an abstract socket of ours (no file is
/// left behind, and nobody else is let in: the peer's pid is checked). Connecting pauses the VM; whoever opens this restores it.
/// </summary>
internal sealed class QemuGdbStub : IDisposable
{
    private const string DeviceLabel = "gdb";
    private const string NamePrefix = "vmi-gdb-";

    private readonly IQemuMonitor _monitor;

    private QemuGdbStub(IQemuMonitor monitor, GdbClient client)
    {
        _monitor = monitor;
        Client = client;
    }

    /// <summary>The connection.</summary>
    public GdbClient Client { get; }

    /// <exception cref="VmiDriverException">A debugger uses the stub already, or QEMU can't connect.</exception>
    public static QemuGdbStub Open(IQemuMonitor monitor, int pid, TimeSpan timeout)
    {
        foreach (var (label, filename) in monitor.CharacterDevices())
        {
            if (label != DeviceLabel)
                continue;
            // Left behind by a Vmi that was killed: nobody can be at its other end any more.
            if (filename.StartsWith($"disconnected:unix:{NamePrefix}", StringComparison.Ordinal))
                monitor.Human("gdbserver none");
            else
                throw new VmiDriverException(
                    $"QEMU's gdbstub is in use already ({filename}): quit that debugger and give QEMU's monitor `gdbserver none`.");
        }
        var name = $"{NamePrefix}{Guid.NewGuid():N}";
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint("\0" + name));
        listener.Listen();
        var answer = monitor.Human($"gdbserver unix:{name},abstract=on");
        if (!answer.StartsWith("Waiting", StringComparison.Ordinal))
            throw new VmiDriverException(
                $"QEMU can't start its gdbstub ({answer.ReplaceLineEndings(" ").Trim()}): does it run in another network namespace?");
        try
        {
            return new QemuGdbStub(monitor, Connect(Accept(listener, pid, timeout), timeout));
        }
        catch
        {
            monitor.Human("gdbserver none");
            throw;
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        _monitor.Human("gdbserver none");
    }

    private static GdbClient Connect(Socket socket, TimeSpan timeout)
    {
        try
        {
            return new GdbClient(socket, timeout);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket Accept(Socket listener, int pid, TimeSpan timeout)
    {
        var deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        while (listener.Poll(TimeSpan.FromMilliseconds(Math.Max(0, deadline - Environment.TickCount64)), SelectMode.SelectRead))
        {
            var socket = listener.Accept();
            if (UnixSockets.PeerPid(socket) == pid)
                return socket;
            socket.Dispose();
        }
        throw new VmiDriverException("QEMU started its gdbstub but did not connect.");
    }
}
