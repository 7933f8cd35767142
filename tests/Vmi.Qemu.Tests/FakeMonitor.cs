using System.Net.Sockets;
using System.Text;

namespace Vmi.Qemu.Tests;

/// <summary>A server on a unix socket that sends what a test wants, where QEMU would speak.</summary>
internal sealed class FakeMonitor : IDisposable
{
    public const string Greeting = """{"QMP": {"version": {}, "capabilities": []}}""";

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <summary>Serves one client after another.</summary>
    public FakeMonitor(Action<Socket> serve)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        new Thread(() =>
        {
            try
            {
                while (true)
                {
                    using var client = _listener.Accept();
                    try
                    {
                        serve(client);
                    }
                    catch (SocketException)
                    {
                        // The client has gone.
                    }
                }
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        })
        { IsBackground = true }.Start();
    }

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"vmi-fake-{Guid.NewGuid():N}.sock");

    /// <summary>Greets, agrees to the capabilities, and answers each later command with what a test wants, `ID` standing for its id.</summary>
    public static FakeMonitor Answering(Func<string, string> answer) => new(client =>
    {
        Send(client, Greeting + "\n");
        for (string? line; (line = Receive(client)) is not null;)
        {
            var id = line[(line.LastIndexOf(':') + 1)..].TrimEnd('\n', '}');
            var text = line.Contains("qmp_capabilities", StringComparison.Ordinal) ? """{"return": {}, "id": ID}""" : answer(line);
            Send(client, text.Replace("ID", id, StringComparison.Ordinal) + "\n");
        }
    });

    public static void Send(Socket client, string text) => client.Send(Encoding.UTF8.GetBytes(text));

    public static string? Receive(Socket client)
    {
        var buffer = new byte[65536];
        var count = client.Receive(buffer);
        return count == 0 ? null : Encoding.UTF8.GetString(buffer, 0, count);
    }

    public void Dispose()
    {
        _listener.Dispose();
        File.Delete(Path);
    }
}
