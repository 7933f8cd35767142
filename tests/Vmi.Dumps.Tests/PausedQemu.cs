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

    /// <summary>The memory of <see cref="BootLongMode"/>'s machine.</summary>
    public const int LongModeBytes = 64 << 20;

    /// <summary>A machine of 64 MiB that has run longmode.S to its end, stopped.</summary>
    public static PausedQemu BootLongMode(TestFolder folder, params string[] arguments)
    {
        var qemu = new PausedQemu(folder, ["-m", "64M", "-kernel", BuildKernel(folder), .. arguments]);
        WaitUntilHalted(qemu);
        qemu.Stop();
        return qemu;
    }

    public void Dump(string path, bool paging)
    {
        var flag = paging ? "true" : "false";
        Execute($$$"""{"execute": "dump-guest-memory", "arguments": {"paging": {{{flag}}}, "protocol": "file:{{{path}}}"}}""");
    }

    /// <summary>The kdump format, in QEMU's flattened form.</summary>
    public void DumpKdump(string path) => Execute(
        $$$"""{"execute": "dump-guest-memory", "arguments": {"paging": false, "protocol": "file:{{{path}}}", "format": "kdump-zlib"}}""");

    /// <summary>QEMU's migration stream; the machine stays stopped after it.</summary>
    public void Migrate(string path)
    {
        Execute($$$"""{"execute": "migrate", "arguments": {"uri": "exec:cat > {{{path}}}"}}""");
        for (var wait = Stopwatch.StartNew(); ;)
        {
            var status = Execute("""{"execute": "query-migrate"}""").GetProperty("status").GetString();
            if (status == "completed")
                return;
            Assert.True(status is "setup" or "active" or "device" && wait.Elapsed < TimeSpan.FromSeconds(60), $"migration: {status}");
            Thread.Sleep(20);
        }
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

    private static void WaitUntilHalted(PausedQemu qemu)
    {
        for (var wait = Stopwatch.StartNew(); !qemu.Monitor("info registers").Contains("R15=f0f0f0f0f0f0f0f0", StringComparison.Ordinal);)
        {
            Assert.True(wait.Elapsed < TimeSpan.FromSeconds(60), "The boot program did not get to its end.");
            Thread.Sleep(50);
        }
    }

    private static string BuildKernel(TestFolder folder)
    {
        Tool.Run("as", "--64", "-o", folder["longmode.o"], Path.Combine(AppContext.BaseDirectory, "longmode.S"));
        Tool.Run("ld", "-m", "elf_x86_64", "-Ttext=0x200000", "-z", "noseparate-code", "-o", folder["longmode.64"], folder["longmode.o"]);
        Tool.Run("objcopy", "-O", "elf32-i386", folder["longmode.64"], folder["longmode"]);
        return folder["longmode"];
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
