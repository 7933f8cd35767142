using System.Net.Sockets;
using System.Text.Json;

namespace Vmi.Qemu;

/// <summary>A QMP monitor on a unix socket. A thread of its own takes in all that QEMU sends, so that events never pile up in QEMU.</summary>
internal sealed class QmpSocketMonitor : IQemuMonitor
{
    private readonly Socket _socket;
    private readonly TimeSpan _timeout;
    private readonly Lock _commands = new();
    private readonly object _inbox = new();
    private readonly QmpFramer _framer = new();
    private JsonDocument? _greeting;
    private JsonDocument? _reply;
    private long _awaited;
    private volatile string? _broken;
    private volatile int _resetCount;
    private volatile int _resumeCount;

    private QmpSocketMonitor(string path, Socket socket, TimeSpan timeout)
    {
        Name = UnixSockets.Display(path);
        _socket = socket;
        _timeout = timeout;
        PeerPid = UnixSockets.PeerPid(socket);
    }

    public string Name { get; }

    public int? PeerPid { get; }

    public string? Broken => _broken;

    public int ResetCount => _resetCount;

    public int ResumeCount => _resumeCount;

    /// <summary>Connects and ends the negotiation.</summary>
    /// <param name="path">The socket; a leading NUL stands for an abstract one.</param>
    /// <param name="greetingTimeout">How long QEMU may take to greet: it greets one client at a time.</param>
    /// <param name="timeout">How long QEMU may take for a command.</param>
    /// <exception cref="VmiDriverException">There is no socket, no right to it, no greeting, or no QMP behind it.</exception>
    public static QmpSocketMonitor Connect(string path, TimeSpan greetingTimeout, TimeSpan timeout)
    {
        var monitor = new QmpSocketMonitor(path, UnixSockets.Connect(path), timeout);
        try
        {
            new Thread(monitor.Receive) { IsBackground = true, Name = "QMP" }.Start();
            monitor.AwaitGreeting(path, greetingTimeout);
            monitor.Execute("qmp_capabilities");
            return monitor;
        }
        catch
        {
            monitor.Dispose();
            throw;
        }
    }

    public JsonElement Execute(string command, params ReadOnlySpan<(string Name, string Value)> arguments)
    {
        lock (_commands)
        {
            long id;
            lock (_inbox)
            {
                ThrowIfBroken();
                id = ++_awaited;
                _reply = null; // the late answer to a command that was given up
            }
            Send(QmpMessage.Command(command, id, arguments));
            using var reply = Await(ref _reply, _timeout)
                ?? throw new VmiDriverException($"QEMU ({Name}) did not answer `{command}` within {_timeout.TotalSeconds:0.#} s: is it stuck?");
            return QmpMessage.Result(reply.RootElement, command);
        }
    }

    public void Dispose()
    {
        Break($"the connection to {Name} was closed by this program");
        _socket.Dispose();
    }

    private void AwaitGreeting(string path, TimeSpan timeout)
    {
        using var greeting = Await(ref _greeting, timeout);
        if (greeting is null)
        {
            var holders = PeerPid is { } pid ? UnixSockets.Clients(path, pid) : [];
            var who = holders.Count > 0 ? $" (held by {string.Join(", ", holders)})" : "";
            throw new VmiDriverException(
                $"QEMU does not greet on {Name}: the monitor is held by another client{who}; end that one or add a second `-qmp` monitor.");
        }
    }

    /// <summary>Waits for what the receiving thread puts into <paramref name="slot"/>; null if the time ran out.</summary>
    private JsonDocument? Await(ref JsonDocument? slot, TimeSpan timeout)
    {
        var deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        lock (_inbox)
        {
            while (slot is null)
            {
                ThrowIfBroken();
                var left = deadline - Environment.TickCount64;
                if (left <= 0 || !System.Threading.Monitor.Wait(_inbox, (int)Math.Min(left, int.MaxValue)))
                    return null;
            }
            var document = slot;
            slot = null;
            return document;
        }
    }

    private void Send(byte[] message)
    {
        try
        {
            for (var rest = message.AsSpan(); rest.Length > 0;)
                rest = rest[_socket.Send(rest)..];
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            Break($"QEMU closed the monitor {Name}");
            ThrowIfBroken();
        }
    }

    private void Receive()
    {
        var block = new byte[65536];
        try
        {
            for (int count; (count = _socket.Receive(block)) > 0;)
            {
                _framer.Append(block.AsSpan(0, count));
                while (_framer.TryTake(out var json))
                    Deliver(json);
            }
            Break($"QEMU closed the monitor {Name}");
        }
        catch (VmiDriverException error)
        {
            Break(error.Message.TrimEnd('.'));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            Break($"QEMU closed the monitor {Name}");
        }
        catch (JsonException)
        {
            Break($"the monitor {Name} sent something that is not JSON");
        }
    }

    private void Deliver(ReadOnlySpan<byte> json)
    {
        // Two for each stop of a traced VM: they are looked at without a document.
        if (QmpMessage.IsEvent(json, out var isReset, out var isResume))
        {
            if (isReset)
                _resetCount++;
            if (isResume)
                _resumeCount++;
            return;
        }
        var document = JsonDocument.Parse(json.ToArray());
        var root = document.RootElement;
        lock (_inbox)
        {
            if (root.TryGetProperty("QMP", out _))
                _greeting = document;
            else if (root.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.Number
                && id.TryGetInt64(out var number) && number == _awaited)
                _reply = document;
            System.Threading.Monitor.PulseAll(_inbox);
        }
    }

    private void Break(string reason)
    {
        lock (_inbox)
        {
            _broken ??= reason;
            System.Threading.Monitor.PulseAll(_inbox);
        }
    }

    private void ThrowIfBroken()
    {
        if (_broken is not { } reason)
            return;
        if (PeerPid is { } pid && HostProcess.ProgramName(pid).Length == 0)
            throw HostAccess.Gone(pid);
        throw new VmiDriverException($"No monitor any more: {reason}. If the VM still runs, attach again.");
    }
}
