using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;

namespace Vmi.Dumps.Tests;

/// <summary>A QEMU without any operating system, spoken to over QMP.</summary>
internal sealed class PausedQemu : IDisposable
{
    private readonly Process _process;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;

    public PausedQemu(TestFolder folder, params string[] arguments)
    {
        var socketPath = folder["qmp.sock"];
        _process = Process.Start("qemu-system-x86_64",
        [
            "-nodefaults", "-display", "none", "-accel", "tcg", "-cpu", "max",
            "-qmp", $"unix:{socketPath},server=on,wait=off", .. arguments,
        ]);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        for (var wait = Stopwatch.StartNew(); !socket.Connected;)
        {
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(socketPath));
            }
            catch (SocketException) when (wait.Elapsed < TimeSpan.FromSeconds(30))
            {
                Thread.Sleep(20);
            }
        }
        var stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamReader(stream);
        _writer = new StreamWriter(stream) { AutoFlush = true };
        _reader.ReadLine();
        Execute("""{"execute": "qmp_capabilities"}""");
    }

    public void Dump(string path, bool paging)
    {
        var flag = paging ? "true" : "false";
        Execute($$$"""{"execute": "dump-guest-memory", "arguments": {"paging": {{{flag}}}, "protocol": "file:{{{path}}}"}}""");
    }

    /// <summary>Writes physical memory to a file by another way than the dump's.</summary>
    public byte[] PmemSave(string path, ulong address, int length)
    {
        Execute($$$"""{"execute": "pmemsave", "arguments": {"val": {{{address}}}, "size": {{{length}}}, "filename": "{{{path}}}"}}""");
        return File.ReadAllBytes(path);
    }

    public string Monitor(string command) =>
        Execute($$$"""{"execute": "human-monitor-command", "arguments": {"command-line": "{{{command}}}"}}""").GetString()!;

    public void Stop() => Execute("""{"execute": "stop"}""");

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _reader.Dispose();
    }

    private JsonElement Execute(string command)
    {
        _writer.WriteLine(command);
        while (true)
        {
            var answer = JsonDocument.Parse(_reader.ReadLine() ?? throw new IOException("QEMU is gone.")).RootElement;
            if (answer.TryGetProperty("return", out var result))
                return result;
            if (answer.TryGetProperty("error", out var error))
                throw new InvalidOperationException($"{command}: {error}");
        }
    }
}
