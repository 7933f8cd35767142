using System.Diagnostics;
using System.Globalization;

namespace Vmi.Qemu.Tests;

/// <summary>A real QEMU without a disk, in a directory of its own, with two QMP monitors: one for the driver, one to ask QEMU itself.</summary>
internal sealed class TestQemu : IDisposable
{
    private readonly Process _process;
    private QmpSocketMonitor? _second;

    private TestQemu(string directory, Process process)
    {
        Directory = directory;
        _process = process;
    }

    public string Directory { get; }

    public int Pid => _process.Id;

    public string Socket => Path.Combine(Directory, "a.sock");

    /// <summary>QEMU's own word, over a second monitor.</summary>
    public QmpSocketMonitor Second => _second!;

    /// <summary>What the guest wrote to its serial port.</summary>
    public string Serial => ReadShared(Path.Combine(Directory, "serial.txt"));

    public static TestQemu Start(params string[] arguments) => StartWith(monitors: true, arguments);

    public static TestQemu StartWith(bool monitors, params string[] arguments)
    {
        var directory = Path.Combine(Path.GetTempPath(), $"vmi-q-{Guid.NewGuid():N}"[..16]);
        System.IO.Directory.CreateDirectory(directory);
        List<string> all = ["-display", "none", "-nodefaults", "-vga", "std", "-serial", "file:serial.txt", .. arguments];
        if (monitors)
            all.AddRange(["-qmp", "unix:a.sock,server=on,wait=off", "-qmp", "unix:b.sock,server=on,wait=off"]);
        var start = new ProcessStartInfo("qemu-system-x86_64", all) { WorkingDirectory = directory, RedirectStandardError = true };
        start.Environment["PWD"] = directory;
        var process = Process.Start(start)!;
        var qemu = new TestQemu(directory, process);
        // The monitors are made in order: when the last one listens, all do.
        if (monitors)
        {
            qemu.WaitFor(() => qemu.Listens("b.sock"));
            qemu._second = QmpSocketMonitor.Connect(Path.Combine(directory, "b.sock"), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
        }
        return qemu;
    }

    public QemuDriver Attach(QemuOptions? options = null) => QemuDriver.Open(Socket, options);

    /// <summary>Guest physical memory as QEMU saves it to a file.</summary>
    public byte[] PhysicalMemory(ulong address, int length)
    {
        var file = Path.Combine(Directory, "memory.bin");
        Ask(string.Create(CultureInfo.InvariantCulture, $"pmemsave 0x{address:x} {length} \"{file}\""));
        return File.ReadAllBytes(file);
    }

    /// <summary>QEMU's answer to a command of its human monitor.</summary>
    public string Ask(string line) => Second.Human(line).ReplaceLineEndings("\n");

    public bool HasExited => _process.HasExited;

    public bool IsRunning => Second.IsRunning();

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void WaitFor(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (_process.HasExited)
                Assert.Fail($"QEMU exited: {_process.StandardError.ReadToEnd()}");
            if (watch.Elapsed > TimeSpan.FromSeconds(60))
                Assert.Fail("The condition did not come about within a minute.");
            Thread.Sleep(10);
        }
    }

    /// <summary>Whether somebody listens on a socket of this QEMU; it is there for a moment before that.</summary>
    public bool Listens(string name)
    {
        // Flag 0x10000 in /proc/net/unix: the socket accepts connections. QEMU was given relative names.
        return File.ReadLines($"/proc/{Environment.ProcessId}/net/unix").Any(line => line.EndsWith(' ' + name, StringComparison.Ordinal)
            && line.Contains(" 00010000 ", StringComparison.Ordinal) && IsOurs(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[6]));

        bool IsOurs(string inode) => System.IO.Directory.EnumerateFiles($"/proc/{Pid}/fd")
            .Any(file => new FileInfo(file).LinkTarget == $"socket:[{inode}]");
    }

    public void Dispose()
    {
        _second?.Dispose();
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static string ReadShared(string path)
    {
        if (!File.Exists(path))
            return "";
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
