namespace Vmi.Qemu.Tests;

public class LayoutTests
{
    [Fact]
    public void Only_the_view_of_address_space_memory_counts_and_ranges_that_go_on_are_one()
    {
        const string Text = """
            FlatView #0
             AS "I/O", root: io
             Root memory region: io
              0000000000000000-000000000000ffff (prio 0, ram): not.this

            FlatView #1
             AS "cpu-memory-0", root: system
             AS "memory", root: system
             Root memory region: system
              0000000000000000-00000000000bffff (prio 0, ram): pc.ram KVM
              00000000000c0000-00000000000cafff (prio 0, rom): pc.ram @00000000000c0000 KVM
              00000000000cb000-00000000000cdfff (prio 0, ram): pc.ram @00000000000cb000 KVM
              00000000000ce000-00000000000fffff (prio 0, ram): pc.ram @00000000000ce000 KVM
              00000000e0000000-00000000e0ffffff (prio 0, ramd): 0000:01:00.0 BAR 1 mmaps[0]
              00000000fd000000-00000000fdffffff (prio 1, ram): vga.vram
              00000000fee00000-00000000feefffff (prio 4096, i/o): apic-msi
              00000000ffc00000-00000000ffffffff (prio 0, romd): system.flash0
              0000000100000000-000000013fffffff (prio 0, ram): a region @ with: (signs) @00000000c0000000

            FlatView #2
             AS "cpu-smm-0", root: memory
              0000000000000000-000000013fffffff (prio 0, ram): nor.this
            """;
        Assert.Equal(
            [
                new FlatRange(0, 0xc0000, "pc.ram", 0, true),
                new FlatRange(0xc0000, 0xb000, "pc.ram", 0xc0000, false),
                new FlatRange(0xcb000, 0x35000, "pc.ram", 0xcb000, true),
                new FlatRange(0xfd000000, 0x1000000, "vga.vram", 0, true),
                new FlatRange(0xffc00000, 0x400000, "system.flash0", 0, false),
                new FlatRange(0x100000000, 0x40000000, "a region @ with: (signs)", 0xc0000000, true),
            ],
            FlatViewParser.Parse(Text));
    }

    [Theory]
    [InlineData("0000000000002000-0000000000001fff (prio 0, ram): backwards")]
    [InlineData("0000000000000000-ffffffffffffffff (prio 0, ram): everything")]
    [InlineData("0000000000000000-0000000000001fff (prio 0, ram): a\n0000000000001000-0000000000002fff (prio 0, ram): b")]
    [InlineData("0000000000000000-0000000000001fff (prio 0, i/o): no RAM")]
    public void A_layout_that_can_not_be_is_an_error(string ranges) =>
        Assert.Throws<VmiDriverException>(() => FlatViewParser.Parse($"FlatView #0\n AS \"memory\", root: system\n{ranges}"));

    [Fact]
    public void A_range_is_split_where_its_backing_changes_and_refused_where_nothing_is_mapped()
    {
        var areas = HostArea.Parse("""
            7f0000000000-7f0000010000 rw-s 00002000 00:01 77    /memfd:ram (deleted)
            7f0000010000-7f0000020000 rw-p 00000000 00:00 0 
            7f0000020000-7f0000030000 rw-p 00000000 08:01 5     /a file with blanks
            7f0000040000-7f0000050000 rw-p 00000000 00:00 0     [heap]
            """);
        Assert.Equal(4, areas.Count);
        Assert.Equal(new HostArea(0x7f0000000000, 0x7f0000010000, true, 0x2000, 77, "/memfd:ram (deleted)"), areas[0]);
        Assert.True(areas[0].IsSharedFile);
        Assert.False(areas[2].IsSharedFile);
        Assert.Equal("/a file with blanks", areas[2].Path);

        var file = Path.GetTempFileName();
        File.WriteAllBytes(file, new byte[0x20000]);
        var mapping = SharedFile.Open(file, 0x20000, writable: false);
        File.Delete(file);
        var result = new List<GuestRange>();
        var range = new FlatRange(0x100000, 0x1f000, "ram", 0, true);
        GuestLayout.Split(range, 0x7f0000001000, areas, _ => mapping, result);
        Assert.Equal(
            [
                new GuestRange(0x100000, 0xf000, 0x7f0000001000, true, mapping, 0x3000, false),
                new GuestRange(0x10f000, 0x10000, 0x7f0000010000, true, null, 0, true),
            ],
            result);
        Assert.Throws<VmiDriverException>(() => GuestLayout.Split(range, 0x7f0000020000, areas, _ => null, []));
        Assert.Throws<VmiDriverException>(() => GuestLayout.Split(range, 0x1000, areas, _ => null, []));
    }

    [Theory]
    [InlineData("Host virtual address for 0x0 (pc.ram) is 0x7f60a7e00000\r\n", "pc.ram", 0x7f60a7e00000ul)]
    [InlineData("Host virtual address for 0x0 (a (b) is c) is 0x10\r\n", "a (b) is c", 0x10ul)]
    [InlineData("No memory is mapped at address 0xa0000\r\n", null, 0ul)]
    [InlineData("Memory at address 0x0 is not RAM\r\n", null, 0ul)]
    [InlineData(") is 0x (", null, 0ul)]
    public void A_host_address_is_read_from_QEMUs_answer(string answer, string? region, ulong address)
    {
        Assert.Equal(region is not null, GuestLayout.TryParseHostAddress(answer, out var parsedRegion, out var parsed));
        if (region is not null)
            Assert.Equal((region, address), (parsedRegion, parsed));
    }

    [Fact]
    public void ROM_that_becomes_RAM_at_run_time_is_seen_as_such()
    {
        using var qemu = TestQemu.Start("-m", "64M", "-S");
        using var driver = qemu.Attach();
        var atPowerOn = new byte[16];
        driver.Read(new Pa(0xffff0), atPowerOn);
        // SeaBIOS copies itself into the RAM below its ROM, and the ROM is switched off.
        qemu.Second.Continue();
        qemu.WaitFor(() => qemu.Ask("info mtree -f").Contains("pc.ram @00000000000f0000", StringComparison.Ordinal)
            || qemu.Ask("info mtree -f").Contains("pc.ram @00000000000e", StringComparison.Ordinal));
        Thread.Sleep(300);
        driver.Pause();
        var low = new byte[0x20000];
        Assert.Equal(low.Length, driver.Read(new Pa(0xe0000), low));
        Assert.True(low.AsSpan().SequenceEqual(qemu.PhysicalMemory(0xe0000, low.Length)));

        // A reset switches the ROM on again; the driver learns of it by itself.
        qemu.Ask("system_reset");
        SpinWait.SpinUntil(() =>
        {
            driver.Read(new Pa(0xe0000), low);
            return low.AsSpan().SequenceEqual(qemu.PhysicalMemory(0xe0000, low.Length));
        }, TimeSpan.FromSeconds(5));
        Assert.True(low.AsSpan().SequenceEqual(qemu.PhysicalMemory(0xe0000, low.Length)));
        Assert.Equal(0xfff0u, ((Amd64.Amd64Registers)driver.GetRegisters(default)).Rip);
    }
}
