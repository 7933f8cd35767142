using System.Net.Sockets;

namespace Vmi.Qemu;

/// <summary>
/// QEMU's gdbstub, started through the monitor for as long as this lives. QEMU connects to an abstract socket of ours (no file is
/// left behind, and nobody else is let in: the peer's pid is checked). Connecting pauses the VM; whoever opens this restores it.
/// </summary>
/// <remarks>
/// The socket's name, which QEMU keeps, is the journal of what has to be undone if this process is killed: it says whether the VM ran.
/// Breakpoints need no list: the stub removes them all when the next client asks as a debugger does that begins.
/// </remarks>
internal sealed class QemuGdbStub : IDisposable
{
    private const string DeviceLabel = "gdb";
    private const string NamePrefix = "vmi-gdb-";
    private const string RanPrefix = NamePrefix + "ran-";
    private const string LeftBehind = "disconnected:unix:";

    private readonly IQemuMonitor _monitor;

    private QemuGdbStub(IQemuMonitor monitor, GdbClient client)
    {
        _monitor = monitor;
        Client = client;
    }

    /// <summary>The connection.</summary>
    public GdbClient Client { get; }

    /// <summary>Starts the stub in a VM that stands still, and removes every breakpoint that a client before left behind.</summary>
    /// <param name="monitor">The VM's monitor.</param>
    /// <param name="pid">The QEMU process.</param>
    /// <param name="timeout">How long it may take to answer.</param>
    /// <param name="ran">Whether the VM ran before it was stopped for this.</param>
    /// <exception cref="VmiDriverException">A debugger uses the stub already, or QEMU can't connect.</exception>
    public static QemuGdbStub Open(IQemuMonitor monitor, int pid, TimeSpan timeout, bool ran)
    {
        if (Find(monitor) is { } filename)
        {
            if (!IsLeftBehind(filename))
                throw new VmiDriverException(
                    $"QEMU's gdbstub is in use already ({filename}): quit that debugger and give QEMU's monitor `gdbserver none`.");
            monitor.Human("gdbserver none");
        }
        var name = $"{(ran ? RanPrefix : NamePrefix)}{Guid.NewGuid():N}";
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint("\0" + name));
        listener.Listen();
        var answer = monitor.Human($"gdbserver unix:{name},abstract=on");
        if (!answer.StartsWith("Waiting", StringComparison.Ordinal))
            throw new VmiDriverException(
                $"QEMU can't start its gdbstub ({answer.ReplaceLineEndings(" ").Trim()}): does it run in another network namespace?");
        try
        {
            var stub = new QemuGdbStub(monitor, Connect(Accept(listener, pid, timeout), timeout));
            stub.Client.RemoveAllBreakpoints();
            return stub;
        }
        catch
        {
            monitor.Human("gdbserver none");
            throw;
        }
    }

    /// <summary>
    /// Undoes what a Vmi that was killed left in a VM: breakpoints and the stub; and sets the VM going if it ran before and stands still.
    /// </summary>
    /// <returns>Whether there was something to undo.</returns>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public static bool Recover(IQemuMonitor monitor, int pid, TimeSpan timeout)
    {
        if (Find(monitor) is not { } filename || !IsLeftBehind(filename))
            return false;
        var ran = filename.Contains(RanPrefix, StringComparison.Ordinal);
        if (monitor.IsRunning())
            monitor.Stop();
        Open(monitor, pid, timeout, ran).Dispose();
        if (ran)
            monitor.Continue();
        return true;
    }

    public void Dispose()
    {
        Client.Dispose();
        _monitor.Human("gdbserver none");
    }

    /// <summary>What the stub is connected to; null if there is none.</summary>
    private static string? Find(IQemuMonitor monitor) =>
        monitor.CharacterDevices().FirstOrDefault(device => device.Label == DeviceLabel).Filename;

    /// <summary>Nobody can be at the other end any more.</summary>
    private static bool IsLeftBehind(string filename) => filename.StartsWith(LeftBehind + NamePrefix, StringComparison.Ordinal);

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
