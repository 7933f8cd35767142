using System.Globalization;
using System.Text.RegularExpressions;
using Vmi.Amd64;

namespace Vmi.Dumps.Tests;

/// <summary>What QEMU itself writes, compared with what QEMU says in other ways, and with readelf.</summary>
public sealed partial class QemuDumpTests
{
    private const int MemoryBytes = PausedQemu.LongModeBytes;

    [Fact]
    public void A_dump_has_the_memory_and_registers_that_QEMU_shows()
    {
        using var folder = new TestFolder();
        using var qemu = PausedQemu.BootLongMode(folder, "-smp", "2");
        var elf = folder["memory.elf"];
        qemu.Dump(elf, paging: false);
        var memory = qemu.PmemSave(folder["memory.raw"], 0, MemoryBytes);
        var firmware = qemu.PmemSave(folder["firmware.raw"], 0xfffc0000, 0x40000);
        var shown = qemu.Monitor("info registers -a");

        using var driver = Assert.IsType<ElfCoreDriver>(MemoryFile.Open(elf));
        Assert.Equal(2, driver.Info.Vcpus);
        Assert.Equal([new PhysicalRange(new Pa(0), MemoryBytes), new PhysicalRange(new Pa(0xfffc0000), 0x40000)], driver.MemoryMap);
        Assert.True(driver.Read(0, MemoryBytes + 1).AsSpan().SequenceEqual(memory));
        Assert.True(driver.Read(0xfffc0000, 0x40001).AsSpan().SequenceEqual(firmware));
        Assert.Null(driver.VmCoreInfo);
        Assert.Equal(SegmentsByReadelf(elf), driver.MemoryMap.Select(range => (range.Start.Value, range.Length)));

        using var raw = Assert.IsType<RawDriver>(MemoryFile.Open(folder["memory.raw"]));
        Assert.Equal(driver.Read(0x100000, 0x10000), raw.Read(0x100000, 0x10000));

        var vcpus = ShownRegisters.Split(shown);
        Assert.Equal(2, vcpus.Length);
        for (ushort vcpu = 0; vcpu < 2; vcpu++)
            ShownRegisters.AssertEqual(vcpus[vcpu], (Amd64Registers)driver.GetRegisters(new VcpuId(vcpu)));

        // `info registers` does not show it: the value is the boot program's.
        Assert.Equal(0x123489abcdefUL, ((Amd64Registers)driver.GetRegisters(new VcpuId(0))).KernelGsBase);
    }

    [Fact]
    public void A_dump_with_paging_has_the_memory_that_is_mapped_once()
    {
        using var folder = new TestFolder();
        using var qemu = PausedQemu.BootLongMode(folder);
        var elf = folder["memory.elf"];
        qemu.Dump(elf, paging: true);
        var memory = qemu.PmemSave(folder["memory.raw"], 0, 32 << 20);

        using var driver = Assert.IsType<ElfCoreDriver>(MemoryFile.Open(elf));
        // The boot program maps 32 MiB twice.
        var segments = SegmentsByReadelf(elf);
        Assert.Equal(2, segments.Count(segment => segment.Start == 0));
        Assert.Equal([new PhysicalRange(new Pa(0), 32 << 20)], driver.MemoryMap);
        Assert.True(driver.Read(0, MemoryBytes).AsSpan().SequenceEqual(memory));
        Assert.Equal(0xffff800000400000UL, ((Amd64Registers)driver.GetRegisters(new VcpuId(0))).Rsp);
    }

    [Fact]
    public void A_dump_of_a_machine_before_long_mode_is_read_too()
    {
        // QEMU calls it a core for "Intel 80386", with 64 bits since the firmware ends at 4 GiB.
        using var folder = new TestFolder();
        using var qemu = new PausedQemu(folder, "-S", "-m", "16M");
        var elf = folder["memory.elf"];
        qemu.Dump(elf, paging: false);

        using var driver = Assert.IsType<ElfCoreDriver>(MemoryFile.Open(elf));
        var registers = (Amd64Registers)driver.GetRegisters(new VcpuId(0));
        // The state after reset (Intel SDM volume 3, table 10-1).
        Assert.Equal(0xfff0UL, registers.Rip);
        Assert.Equal(0xffff0000UL, registers.Cs.Base);
        Assert.Equal(0x60000010UL, registers[Amd64Register.Cr0]);
        Assert.Equal(PagingLevels.None, registers.PagingMode.Levels);
    }

    [Fact]
    public void A_dump_of_a_machine_with_100_vCPUs_has_them_all()
    {
        using var folder = new TestFolder();
        using var qemu = new PausedQemu(folder, "-S", "-m", "16M", "-smp", "100");
        var elf = folder["memory.elf"];
        qemu.Dump(elf, paging: false);
        var shown = ShownRegisters.Split(qemu.Monitor("info registers -a"));

        using var driver = Assert.IsType<ElfCoreDriver>(MemoryFile.Open(elf));
        Assert.Equal((100, 100), (shown.Length, driver.Info.Vcpus));
        for (ushort vcpu = 0; vcpu < 100; vcpu++)
            ShownRegisters.AssertEqual(shown[vcpu], (Amd64Registers)driver.GetRegisters(new VcpuId(vcpu)));
    }

    private static List<(ulong Start, ulong Length)> SegmentsByReadelf(string path) =>
        [.. LoadLine().Matches(Tool.Run("readelf", "-lW", path)).Select(match => (Hex(match.Groups[1].Value), Hex(match.Groups[2].Value)))];

    private static ulong Hex(string digits) => ulong.Parse(digits.Replace("0x", "", StringComparison.Ordinal), NumberStyles.HexNumber,
        CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*LOAD\s+\S+\s+\S+\s+(\S+)\s+(\S+)", RegexOptions.Multiline)]
    private static partial Regex LoadLine();
}
