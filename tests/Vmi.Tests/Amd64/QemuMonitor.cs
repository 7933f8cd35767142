using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vmi.Tests.Cpu;

/// <summary>A QMP connection of the tests' own: what QEMU says must not come through the code under test.</summary>
internal sealed class QemuMonitor : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;

    public QemuMonitor(string path)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(path));
        _socket.ReceiveTimeout = 30_000;
        var stream = new NetworkStream(_socket);
        _reader = new StreamReader(stream);
        _writer = new StreamWriter(stream) { AutoFlush = true };
        _reader.ReadLine();
        Execute("qmp_capabilities");
    }

    public JsonNode? Execute(string command, JsonObject? arguments = null)
    {
        _writer.WriteLine(new JsonObject { ["execute"] = command, ["arguments"] = arguments ?? [] }.ToJsonString());
        while (_reader.ReadLine() is { } line)
        {
            var answer = JsonNode.Parse(line)!;
            if (answer["error"] is { } error)
                throw new InvalidOperationException($"{command}: {error.ToJsonString()}");
            if (answer.AsObject().TryGetPropertyValue("return", out var value))
                return value;
        }

        throw new JsonException("QEMU closed the monitor.");
    }

    public string Human(string command) =>
        Execute("human-monitor-command", new JsonObject { ["command-line"] = command })!.GetValue<string>();

    public void Dispose() => _socket.Dispose();
}
