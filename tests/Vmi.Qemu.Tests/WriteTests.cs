using System.Net.Sockets;

namespace Vmi.Qemu.Tests;

public class WriteTests
{
    /// <summary>Those that this machine has.</summary>
    public static TheoryData<string> Accelerators => File.Exists("/dev/kvm") ? ["tcg", "kvm"] : ["tcg"];

    private static readonly string[] Memfd = ["-object", "memory-backend-memfd,id=ram,size=16M", "-machine", "pc,memory-backend=ram"];

    [Theory]
    [InlineData("anonymous")]
    [InlineData("memfd")]
    public void A_write_changes_code_that_a_TCG_guest_is_running(string backing)
    {
        using var qemu = BootSector.Boot(BootSector.Letter, backing == "memfd" ? Memfd : []);
        using var driver = qemu.Attach();
        Assert.False(driver.IsKvm);
        Assert.Equal(1, driver.Write(new Pa(BootSector.LetterAddress), "B"u8));
        Assert.True(qemu.IsRunning);
        qemu.WaitFor(() => qemu.Serial.Contains('B'));
        Assert.DoesNotContain("BA", qemu.Serial, StringComparison.Ordinal);
        Assert.DoesNotContain("gdb: ", qemu.Ask("info chardev"));

        // And again: nothing of the first write stands in the way.
        Assert.Equal(1, driver.Write(new Pa(BootSector.LetterAddress), "C"u8));
        qemu.WaitFor(() => qemu.Serial.Contains('C'));
    }

    [Fact]
    public void A_paused_VM_stays_paused_when_it_is_written_to()
    {
        using var qemu = BootSector.Boot(BootSector.Letter);
        using var driver = qemu.Attach();
        driver.Pause();
        var before = qemu.Serial.Length;
        driver.Write(new Pa(BootSector.LetterAddress), "B"u8);
        Assert.False(qemu.IsRunning);
        Assert.Equal(before, qemu.Serial.Length);
        driver.Resume();
        qemu.WaitFor(() => qemu.Serial.Contains('B'));
    }

    [Fact]
    public void A_VM_that_was_never_started_is_written_to_and_not_started()
    {
        using var qemu = TestQemu.Start("-m", "16M", "-S");
        using var driver = qemu.Attach();
        Assert.Equal(3, driver.Write(new Pa(0x1000), "abc"u8));
        Assert.Contains("paused (prelaunch)", qemu.Ask("info status"));
        Assert.Contains("0x61 0x62 0x63 0x00", qemu.Ask("xp /4bx 0x1000"));
    }

    [Theory]
    [MemberData(nameof(Accelerators))]
    public void A_long_write_arrives_whole_and_stops_at_the_first_hole(string accelerator)
    {
        using var qemu = TestQemu.Start("-m", "16M", "-S", "-accel", accelerator);
        using var driver = qemu.Attach();
        Assert.Equal(accelerator == "kvm", driver.IsKvm);
        var bytes = new byte[100_000];
        new Random(7).NextBytes(bytes);
        Assert.Equal(bytes.Length, driver.Write(new Pa(0x200001), bytes));
        Assert.Equal(bytes, qemu.PhysicalMemory(0x200001, bytes.Length));
        Assert.Equal(16, driver.Write(new Pa((16 << 20) - 16), bytes.AsSpan(0, 32)));
        Assert.Equal(bytes[..16], qemu.PhysicalMemory((16 << 20) - 16, 16));
    }

    [Theory]
    [MemberData(nameof(Accelerators))]
    public void ROM_and_holes_are_not_written(string accelerator)
    {
        using var qemu = TestQemu.Start("-m", "16M", "-S", "-accel", accelerator);
        using var driver = qemu.Attach();
        var before = qemu.PhysicalMemory(0xe0000, 0x20000);
        Assert.Equal(0, driver.Write(new Pa(0xffff0), "written"u8));
        Assert.Equal(0, driver.Write(new Pa(0xa0000), "written"u8));
        Assert.Equal(0, driver.Write(new Pa(0xfffffff0), "written"u8));
        Assert.Equal(0, driver.Write(new Pa(0x4000_0000), "written"u8));
        Assert.Equal(0, driver.Write(new Pa(0x1000), []));
        Assert.Equal(before, qemu.PhysicalMemory(0xe0000, 0x20000));
    }

    [Theory]
    [MemberData(nameof(Accelerators))]
    public void A_write_shows_in_a_span_handed_out_before(string accelerator)
    {
        using var qemu = TestQemu.Start(["-S", "-accel", accelerator, "-m", "16M", .. Memfd]);
        using var driver = qemu.Attach();
        driver.Write(new Pa(0x3000), "first"u8);
        Assert.True(driver.TryGetSpan(new Pa(0x3000), 5, out var span));
        Assert.Equal("first"u8, span);
        Assert.Equal(5, driver.Write(new Pa(0x3000), "hello"u8));
        Assert.Equal("hello"u8, span);
        Assert.Equal("hello"u8, qemu.PhysicalMemory(0x3000, 5));
        GC.KeepAlive(driver);
    }

    [Fact]
    public void A_debugger_that_is_there_already_is_not_pushed_aside()
    {
        using var qemu = TestQemu.Start("-m", "16M", "-S", "-gdb", "unix:gdb.sock,server=on,wait=off");
        using var driver = qemu.Attach();
        var error = Assert.Throws<VmiDriverException>(() => driver.Write(new Pa(0x1000), "abc"u8));
        Assert.Contains("gdbserver none", error.Message);
        Assert.Contains("gdb:", qemu.Ask("info chardev"));
        Assert.Contains("0x00 0x00", qemu.Ask("xp /2bx 0x1000"));
    }

    [Fact]
    public void A_stub_left_behind_by_a_killed_tracer_is_taken_down()
    {
        using var qemu = TestQemu.Start("-m", "16M", "-S");
        using (var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            listener.Bind(new UnixDomainSocketEndPoint("\0vmi-gdb-killed"));
            listener.Listen();
            qemu.Ask("gdbserver unix:vmi-gdb-killed,abstract=on");
            listener.Accept().Dispose();
        }
        using var driver = qemu.Attach();
        Assert.Equal(3, driver.Write(new Pa(0x1000), "abc"u8));
        Assert.DoesNotContain("gdb:", qemu.Ask("info chardev"));
    }

    [Fact]
    public void A_write_during_a_migration_is_refused()
    {
        using var qemu = TestQemu.Start("-m", "16M", "-S");
        using var driver = qemu.Attach();
        // A migration to somebody who never reads never ends.
        using var destination = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        destination.Bind(new UnixDomainSocketEndPoint(Path.Combine(qemu.Directory, "to.sock")));
        destination.Listen();
        qemu.Second.Human("migrate -d unix:to.sock");
        qemu.WaitFor(() => qemu.Second.MigrationStatus() == "active");
        var error = Assert.Throws<VmiDriverException>(() => driver.Write(new Pa(0x1000), "abc"u8));
        Assert.Contains("migrated", error.Message);
        Assert.Contains("0x00 0x00", qemu.Ask("xp /2bx 0x1000"));
        qemu.Second.Human("migrate_cancel");
        qemu.WaitFor(() => qemu.Second.MigrationStatus() == "cancelled");
        Assert.Equal(3, driver.Write(new Pa(0x1000), "abc"u8));
    }
}
