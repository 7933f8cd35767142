using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vmi.Guests;

/// <summary>
/// The harness's own QMP client, deliberately apart from the product's: what tests compare with must not share its errors. Blocks;
/// one command at a time, from any thread.
/// </summary>
public sealed class HarnessMonitor : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20), AnswerTimeout = TimeSpan.FromMinutes(3);
    private readonly Lock _lock = new();
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;
    private readonly List<QemuEvent> _events = [];

    private HarnessMonitor(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true) { ReadTimeout = (int)AnswerTimeout.TotalMilliseconds };
        _reader = new StreamReader(_stream);
    }

    /// <summary>Executes a QMP command and gives its <c>return</c>.</summary>
    /// <exception cref="GuestException">QEMU answered with an error, or is gone.</exception>
    public JsonElement Execute(string command, JsonObject? arguments = null)
    {
        var request = new JsonObject { ["execute"] = command };
        if (arguments is not null)
            request["arguments"] = arguments;

        lock (_lock)
        {
            try
            {
                _stream.Write(JsonSerializer.SerializeToUtf8Bytes(request));
                return ReadAnswer(command);
            }
            catch (IOException exception)
            {
                throw new GuestException($"{command}: the monitor is gone: {exception.Message}");
            }
        }
    }

    /// <summary>Executes a command of the human monitor and gives its text, with line feeds.</summary>
    public string Human(string command)
        => Execute("human-monitor-command", new JsonObject { ["command-line"] = command }).GetString()!.ReplaceLineEndings("\n");

    /// <summary>Whether the VM runs now.</summary>
    public bool IsRunning => Execute("query-status").GetProperty("running").GetBoolean();

    /// <summary>What QEMU has told by itself since the last call, until now.</summary>
    public IReadOnlyList<QemuEvent> TakeEvents()
    {
        // QEMU tells in order: with this answer everything has come that happened before it.
        Execute("query-status");
        lock (_lock)
        {
            QemuEvent[] taken = [.. _events];
            _events.Clear();
            return taken;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
    }

    internal static HarnessMonitor Connect(string path, Func<bool> hasExited)
    {
        for (long start = Environment.TickCount64; ; Thread.Sleep(10))
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(path));
                var monitor = new HarnessMonitor(socket);
                monitor._reader.ReadLine();
                monitor.Execute("qmp_capabilities");
                return monitor;
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                if (hasExited())
                    throw new GuestException("QEMU ended at once.");
                if (Environment.TickCount64 - start > ConnectTimeout.TotalMilliseconds)
                    throw new GuestException($"QEMU's monitor {path} does not answer: {exception.Message}");
            }
        }
    }

    private JsonElement ReadAnswer(string command)
    {
        while (_reader.ReadLine() is { } line)
        {
            JsonElement message = JsonDocument.Parse(line).RootElement;
            if (message.TryGetProperty("return", out JsonElement result))
                return result;
            if (message.TryGetProperty("error", out JsonElement error))
                throw new GuestException($"{command}: {error.GetProperty("desc").GetString()}");
            if (message.TryGetProperty("event", out JsonElement name))
                _events.Add(new QemuEvent(name.GetString()!, TimeOf(message.GetProperty("timestamp"))));
        }
        throw new GuestException($"{command}: QEMU closed the monitor.");
    }

    private static TimeSpan TimeOf(JsonElement timestamp)
        => TimeSpan.FromSeconds(timestamp.GetProperty("seconds").GetInt64())
            + TimeSpan.FromMicroseconds(timestamp.GetProperty("microseconds").GetInt64());
}
