namespace Vmi.Qemu.Tests;

public class ProcessTests
{
    [Fact]
    public void Running_VMs_are_listed_as_they_were_started()
    {
        using var qemu = TestQemu.Start(
            "-S", "-name", "guest=a name,,with a comma,debug-threads=on", "-uuid", "6e7a1b2c-0000-4000-8000-000000000001",
            "-machine", "q35,accel=tcg", "-m", "size=96M,slots=2,maxmem=1G", "-monitor", "unix:h.sock,server=on,wait=off",
            "-chardev", "socket,id=mon9,path=m.sock,server=on,wait=off", "-mon", "chardev=mon9,mode=control");
        var process = Assert.Single(QemuProcess.List(), process => process.Pid == qemu.Pid);
        Assert.Equal("qemu-system-x86_64", process.Program);
        Assert.Equal("a name,with a comma", process.Name);
        Assert.Equal("6e7a1b2c-0000-4000-8000-000000000001", process.Uuid);
        Assert.Equal("q35", process.Machine);
        Assert.Equal(96ul << 20, process.MemoryBytes);
        Assert.Equal("tcg", process.Accelerator);
        Assert.Equal(
            new[] { "h.sock", "a.sock", "b.sock", "m.sock" }.Select(name => Path.Combine(qemu.Directory, name)),
            process.Monitors.Select(monitor => monitor.Path));
        Assert.Equal(QemuMonitorKind.Human, process.Monitors[0].Kind);
        Assert.All(process.Monitors.Skip(1), monitor => Assert.Equal(QemuMonitorKind.Qmp, monitor.Kind));
    }

    [Fact]
    public void A_VM_is_attached_to_by_pid_and_by_name()
    {
        var name = $"vm-{Guid.NewGuid():N}";
        using var qemu = TestQemu.Start("-S", "-m", "16M", "-name", name);
        using (var driver = QemuDriver.Open($"pid={qemu.Pid}"))
            Assert.Equal(qemu.Pid, driver.Pid);
        using (var driver = QemuDriver.Open($"name={name}"))
            Assert.Equal($"QEMU {name} (pid {qemu.Pid})", driver.Name);

        using var twin = TestQemu.Start("-S", "-m", "16M", "-name", name);
        var message = Assert.Throws<VmiDriverException>(() => QemuDriver.Open($"name={name}")).Message;
        Assert.Contains($"{qemu.Pid}", message);
        Assert.Contains($"{twin.Pid}", message);
    }

    [Fact]
    public void A_monitor_held_by_another_client_gives_way_to_the_next_one()
    {
        using var qemu = TestQemu.Start("-S", "-m", "16M", "-qmp", "unix:first.sock,server=on,wait=off");
        using var holder = QmpSocketMonitor.Connect(Path.Combine(qemu.Directory, "first.sock"), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30));
        using var driver = QemuDriver.Open($"pid={qemu.Pid}", new QemuOptions { GreetingTimeout = TimeSpan.FromSeconds(1) });
        Assert.Equal(1, driver.Info.Vcpus);
    }

    [Fact]
    public void A_daemonized_QEMU_is_found_by_the_relative_path_of_its_socket()
    {
        using var qemu = TestQemu.StartWith(
            monitors: false, "-S", "-m", "16M", "-daemonize", "-pidfile", "pid", "-qmp", "unix:d.sock,server=on,wait=off");
        // The process started exits once the daemon is ready.
        SpinWait.SpinUntil(() => qemu.HasExited, TimeSpan.FromSeconds(60));
        var pid = int.Parse(File.ReadAllText(Path.Combine(qemu.Directory, "pid")), System.Globalization.CultureInfo.InvariantCulture);
        using var driver = QemuDriver.Open($"pid={pid}");
        Assert.Equal(pid, driver.Pid);
        using var process = System.Diagnostics.Process.GetProcessById(pid);
        process.Kill();
    }

    [Theory]
    [InlineData("pid=0", "names no process")]
    [InlineData("pid=x", "names no process")]
    [InlineData("pid=99999999999", "names no process")]
    [InlineData("pid=1", "is no running QEMU")]
    [InlineData("pid=4194304", "is no running QEMU")]
    [InlineData("name=no such VM", "No QEMU runs here")]
    [InlineData("name=", "names no VM")]
    [InlineData("libvirt:", "names no VM")]
    [InlineData("", "names no VM")]
    public void A_target_that_names_no_VM_is_an_error(string target, string reason) =>
        Assert.Contains(reason, Assert.Throws<VmiDriverException>(() => QemuDriver.Open(target)).Message);

    [Theory]
    [InlineData("pid=12")]
    [InlineData("name=a b")]
    [InlineData("libvirt:debian")]
    [InlineData("/run/vm/qmp.sock")]
    [InlineData("@abstract")]
    public void A_target_is_printed_as_it_is_read(string target) => Assert.Equal(target, QemuTarget.Parse(target).ToString());

    [Fact]
    public void A_monitor_that_libvirt_handed_over_points_to_libvirt()
    {
        // As libvirt 9 starts QEMU.
        var line = QemuCommandLine.Parse([
            "/usr/bin/qemu-system-x86_64", "-name", "guest=debian,debug-threads=on", "-S", "-machine", "pc-q35-7.2,usb=off,memory-backend=pc.ram",
            "-accel", "kvm", "-m", "2048", "-object", """{"qom-type":"memory-backend-ram","id":"pc.ram","size":2147483648}""",
            "-chardev", "socket,id=charmonitor,fd=22,server=on,wait=off", "-mon", "chardev=charmonitor,id=monitor,mode=control"]);
        Assert.Equal("debian", line.Name);
        Assert.Equal("kvm", line.Accelerator);
        Assert.Equal(2048ul << 20, line.MemoryBytes);
        var monitor = Assert.Single(line.Monitors);
        Assert.Null(monitor.Path);
        Assert.Equal(QemuMonitorKind.Qmp, monitor.Kind);
    }

    [Theory]
    [InlineData("512", 512ul << 20)]
    [InlineData("2G", 2ul << 30)]
    [InlineData("1.5g", 3ul << 29)]
    [InlineData("4096b", 4096ul)]
    [InlineData("64k", 65536ul)]
    [InlineData("1T", 1ul << 40)]
    [InlineData("", null)]
    [InlineData("lots", null)]
    [InlineData("-1", null)]
    [InlineData("9999999999999E", null)]
    public void Sizes_are_read_as_QEMU_reads_them(string text, ulong? bytes) => Assert.Equal(bytes, QemuCommandLine.Size(text));
}
