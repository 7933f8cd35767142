using System.Globalization;
using System.Text.RegularExpressions;
using Vmi.Amd64;

namespace Vmi.Dumps.Tests;

/// <summary>QEMU's own migration stream, compared with what QEMU's `pmemsave` and `info registers` say.</summary>
public sealed partial class QemuMigrationTests
{
    private const int MemoryBytes = PausedQemu.LongModeBytes;
    private const ulong Firmware = 0xfffc0000;

    [Theory]
    [InlineData("pc")]
    [InlineData("q35")]
    public void A_stream_has_the_memory_and_all_registers_that_QEMU_shows(string machine)
    {
        using var folder = new TestFolder();
        using var qemu = PausedQemu.BootLongMode(folder, "-smp", "2", "-machine", machine);
        var stream = folder["memory.migrate"];
        string[] apics = [qemu.Monitor("info lapic 0"), qemu.Monitor("info lapic 1")];
        qemu.Migrate(stream);
        var memory = qemu.PmemSave(folder["memory.raw"], 0, MemoryBytes);
        var firmware = qemu.PmemSave(folder["firmware.raw"], Firmware, 0x40000);
        var shown = ShownRegisters.Split(qemu.Monitor("info registers -a"));

        using var driver = Assert.IsType<MigrationDriver>(MemoryFile.Open(stream));
        Assert.Equal("QEMU migration memory.migrate", driver.Name);
        Assert.Equal([new PhysicalRange(new Pa(0), MemoryBytes), new PhysicalRange(new Pa(Firmware), 0x40000)], driver.MemoryMap);
        Assert.True(driver.Read(0, MemoryBytes + 1).AsSpan().SequenceEqual(memory));
        Assert.True(driver.Read(Firmware, 0x40001).AsSpan().SequenceEqual(firmware));
        for (var gfn = 0; gfn < MemoryBytes >> 12; gfn++)
            Assert.True(driver.ReadPage(new Gfn((ulong)gfn))!.Span.SequenceEqual(memory.AsSpan(gfn << 12, 4096)), $"frame 0x{gfn:x}");

        Assert.Equal(2, driver.Info.Vcpus);
        for (ushort vcpu = 0; vcpu < 2; vcpu++)
        {
            var registers = (Amd64Registers)driver.GetRegisters(new VcpuId(vcpu));
            ShownRegisters.AssertEqual(shown[vcpu], registers);
            ShownRegisters.AssertSseEqual(shown[vcpu], registers);
            var apic = driver.GetLocalApic(new VcpuId(vcpu))!;
            ShownRegisters.AssertEqual(apics[vcpu], apic);
            // What QEMU does not show: the second vCPU was never started.
            Assert.Equal((vcpu, 0xfee00000 | (vcpu == 0 ? 0x900u : 0x800u)), (apic.Id, apic.Base));
            Assert.Empty(apic.TriggerMode);
            Assert.Equal(Amd64RegisterGroups.All & ~Amd64RegisterGroups.SegmentBases, registers.Available);
            var more = Line().Matches(shown[vcpu]).ToDictionary(match => match.Groups[1].Value,
                match => ulong.Parse(match.Groups[2].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            foreach (var (name, value) in more)
                Assert.Equal(value, registers[Enum.Parse<Amd64Register>(name, ignoreCase: true)]);
            Assert.Equal(["DR0", "DR1", "DR2", "DR3", "DR6", "DR7", "EFER"], more.Keys.Order());
            // What the boot program has written.
            if (vcpu == 0)
            {
                Assert.Equal((0x5fa0u, UInt128.Parse("1e1d1c1b1a191817161514131211100f", NumberStyles.HexNumber)),
                    (registers.Mxcsr, registers.GetXmm(Amd64Register.Xmm15)));
                Assert.Equal([0x41, 0xef], apic.InterruptRequest);
            }
            var wide = (ulong)(vcpu == 0 ? 0x123489abcdef : 0);
            Assert.Equal(wide, registers.KernelGsBase);
        }
    }

    [Theory]
    [InlineData("pc", 32)]
    [InlineData("q35", 16)]
    public void RAM_below_4_GiB_ends_where_max_ram_below_4g_says(string machine, int megabytes)
    {
        using var folder = new TestFolder();
        // The page tables of the boot program are within the first 4 MiB.
        using var qemu = PausedQemu.BootLongMode(folder, "-machine", $"{machine},max-ram-below-4g={megabytes}M");
        var stream = folder["memory.migrate"];
        qemu.Migrate(stream);
        var low = (ulong)megabytes << 20;
        var memory = qemu.PmemSave(folder["memory.raw"], 0, megabytes << 20);
        var high = qemu.PmemSave(folder["high.raw"], 1UL << 32, MemoryBytes - (megabytes << 20));
        using var driver = MemoryFile.Open(stream);
        // The rest of RAM follows the firmware.
        Assert.Equal(
            [new PhysicalRange(new Pa(0), low), new PhysicalRange(new Pa(Firmware), 0x40000 + MemoryBytes - low)], driver.MemoryMap);
        Assert.Equal(memory, driver.Read(0, memory.Length + 1));
        Assert.Equal(high, driver.Read(1UL << 32, high.Length + 1));
    }

    [Fact]
    public void What_libvirt_saves_is_the_same_behind_its_header()
    {
        using var folder = new TestFolder();
        using var qemu = PausedQemu.BootLongMode(folder);
        qemu.Migrate(folder["memory.migrate"]);
        // A header of libvirt as its qemu_saveimage.h lays it out; 100 bytes of XML; the last block of the file filled up.
        byte[] stream = File.ReadAllBytes(folder["memory.migrate"]), header =
        [
            .. "LibvirtQemudSave"u8, .. BitConverter.GetBytes(2), .. BitConverter.GetBytes(100), 1, 0, 0, 0, .. new byte[64 + 100],
        ];
        using var plain = MemoryFile.Open(folder["memory.migrate"]);
        var path = folder.Write("memory.save", [.. header, .. stream, .. new byte[3000]]);
        using var driver = Assert.IsType<MigrationDriver>(MemoryFile.Open(path));

        Assert.Equal("libvirt save memory.save", driver.Name);
        Assert.True(driver.Read(0, MemoryBytes + 1).AsSpan().SequenceEqual(plain.Read(0, MemoryBytes + 1)));
        Assert.Equal(0xffff800000400000UL, ((Amd64Registers)driver.GetRegisters(default)).Rsp);

        header[28] = 3;
        Assert.EndsWith("was saved by libvirt compressed (xz); save it with save_image_format = \"raw\" (qemu.conf).",
            RecognitionTests.Refusal(folder.Write("memory.xz.save", [.. header, .. stream])));
    }

    [Fact]
    public void Memory_above_4_GiB_begins_with_the_page_that_QEMU_has_there()
    {
        foreach (var (machine, type, megabytes) in (ReadOnlySpan<(string, string, int)>)
            [("pc", "pc-i440fx-7.2", 3583), ("pc", "pc-i440fx-7.2", 3584), ("q35", "pc-q35-7.2", 2815), ("q35", "pc-q35-7.2", 2816)])
        {
            using var folder = new TestFolder();
            using var qemu = new PausedQemu(folder, "-S", "-m", $"{megabytes}M", "-machine", machine);
            var ram = RamLine().Matches(qemu.Monitor("info mtree"))
                .ToLookup(match => match.Groups[3].Value, match => (Start: Hex(match.Groups[1].Value), Last: Hex(match.Groups[2].Value)));
            var low = ram["below"].First();
            var pages = megabytes << 8;
            Assert.Equal(0UL, low.Start);

            // A stream of just the pages at the border: QEMU takes a minute for all of them.
            var builder = new MigrationBuilder().Configuration(type).Start("ram").RamSizes(("pc.ram", pages))
                .Zero("pc.ram", (low.Last + 1 >> 12) - 1);
            if (ram.Contains("above"))
                builder.Zero(null, low.Last + 1 >> 12).Zero(null, (ulong)pages - 1);
            using var driver = MigrationDriver.Open(folder.Write("stream", builder.UInt64(0x10).Footer().End()));

            var expected = new List<PhysicalRange> { new(new Pa(low.Last - 4095), 4096) };
            if (ram.Contains("above"))
            {
                var high = ram["above"].First();
                expected.AddRange([new(new Pa(high.Start), 4096), new(new Pa(high.Last - 4095), 4096)]);
            }
            Assert.Equal(megabytes is 3584 or 2816, ram.Contains("above"));
            Assert.Equal(expected, driver.MemoryMap);
        }
    }

    private static ulong Hex(string digits) => ulong.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\b(EFER|DR[0-7])=([0-9a-f]{16})\b")]
    private static partial Regex Line();

    [GeneratedRegex(@"^ *([0-9a-f]{16})-([0-9a-f]{16}) \(prio 0, ram\): alias ram-(below|above)-4g", RegexOptions.Multiline)]
    private static partial Regex RamLine();
}
