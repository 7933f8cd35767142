namespace Vmi.Qemu.Tests;

public sealed class VirshTests : IDisposable
{
    /// <summary>Does for one domain what libvirt's does: passes a command to the monitor that it alone is connected to.</summary>
    private const string Stub = """
        #!/usr/bin/env python3
        import json, socket, sys
        if sys.argv[1] != "qemu-monitor-command":
            sys.exit("error: unknown command: " + sys.argv[1])
        if sys.argv[2] != "guest":
            sys.exit("error: failed to get domain '" + sys.argv[2] + "'")
        monitor = socket.socket(socket.AF_UNIX)
        monitor.connect("SOCKET")
        stream = monitor.makefile("rw")
        stream.readline()
        for command in ({"execute": "qmp_capabilities"}, json.loads(sys.argv[3])):
            print(json.dumps(command), file=stream, flush=True)
            while "event" in (answer := json.loads(stream.readline())):
                pass
        print(json.dumps(answer))
        """;

    private readonly TestQemu _qemu = TestQemu.Start("-m", "16M");
    private readonly QemuOptions _options;

    public VirshTests()
    {
        var path = Path.Combine(_qemu.Directory, "virsh");
        File.WriteAllText(path, Stub.Replace("SOCKET", _qemu.Socket, StringComparison.Ordinal));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _options = new QemuOptions { VirshPath = path };
    }

    public void Dispose() => _qemu.Dispose();

    [Fact]
    public void A_libvirt_domain_is_read_written_and_paused_through_virsh()
    {
        using var driver = QemuDriver.Open(QemuTarget.Libvirt("guest"), _options);
        Assert.Equal(_qemu.Pid, driver.Pid);
        driver.Pause();
        Assert.False(_qemu.IsRunning);
        var rom = new byte[4096];
        Assert.Equal(rom.Length, driver.Read(new Pa(0xffff_f000), rom));
        Assert.Equal(_qemu.PhysicalMemory(0xffff_f000, 4096), rom);
        Assert.Contains($"{((Amd64.Amd64Registers)driver.GetRegisters(default)).Rsp:x8}", _qemu.Ask("info registers"));
        Assert.Equal(3, driver.Write(new Pa(0x2000), "abc"u8));
        Assert.Equal("abc"u8, _qemu.PhysicalMemory(0x2000, 3));
        driver.Resume();
        Assert.True(_qemu.IsRunning);
    }

    [Fact]
    public void Virsh_that_fails_or_is_missing_is_an_error_with_its_words()
    {
        Assert.Contains("failed to get domain 'other'", ErrorOf("other", _options));
        Assert.Contains("install libvirt-clients", ErrorOf("guest", new QemuOptions { VirshPath = "/nowhere/virsh" }));
        Assert.Contains("no name of a libvirt domain", ErrorOf("--help", _options));
        Assert.Contains("unknown form", ErrorOf("guest", new QemuOptions { VirshPath = "echo" }));
        Assert.Contains("can't reach", ErrorOf("guest", new QemuOptions { VirshPath = "false" }));
        Assert.Contains("did not answer", ErrorOf("guest", new QemuOptions { VirshPath = "yes", CommandTimeout = TimeSpan.FromSeconds(0.5) }));
    }

    private static string ErrorOf(string domain, QemuOptions options) =>
        Assert.Throws<VmiDriverException>(() => QemuDriver.Open(QemuTarget.Libvirt(domain), options)).Message;
}
