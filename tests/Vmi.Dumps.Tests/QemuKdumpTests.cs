using Vmi.Amd64;

namespace Vmi.Dumps.Tests;

/// <summary>kdump files as QEMU and makedumpfile write them, compared with what QEMU's `pmemsave` and `info registers` say.</summary>
public sealed class QemuKdumpTests
{
    private const int MemoryBytes = PausedQemu.LongModeBytes;
    private const ulong Firmware = 0xfffc0000;
    private const int FirmwareBytes = 0x40000;

    [Fact]
    public void QEMU_s_kdump_file_has_the_memory_and_registers_that_QEMU_shows()
    {
        using var folder = new TestFolder();
        using var qemu = PausedQemu.BootLongMode(folder, "-smp", "2");
        qemu.DumpKdump(folder["flat.kdump"]);
        var memory = qemu.PmemSave(folder["memory.raw"], 0, MemoryBytes);
        var firmware = qemu.PmemSave(folder["firmware.raw"], Firmware, FirmwareBytes);
        var shown = ShownRegisters.Split(qemu.Monitor("info registers -a"));
        Tool.Shell($"makedumpfile --message-level 0 -R {folder["memory.kdump"]} < {folder["flat.kdump"]}");

        foreach (var (file, name) in (ReadOnlySpan<(string, string)>)
            [("flat.kdump", "flattened kdump (zlib) flat.kdump"), ("memory.kdump", "kdump (zlib) memory.kdump")])
        {
            using var driver = Assert.IsType<KdumpDriver>(MemoryFile.Open(folder[file]));
            Assert.Equal((name, 2), (driver.Name, driver.Info.Vcpus));
            AssertMemory(driver, memory, firmware);
            for (ushort vcpu = 0; vcpu < 2; vcpu++)
                ShownRegisters.AssertEqual(shown[vcpu], (Amd64Registers)driver.GetRegisters(new VcpuId(vcpu)));
            // `info registers` does not show it: the value is the boot program's.
            Assert.Equal(0x123489abcdefUL, ((Amd64Registers)driver.GetRegisters(new VcpuId(0))).KernelGsBase);
        }
    }

    [Fact]
    public void Makedumpfile_s_files_have_the_memory_of_the_vmcore_they_are_made_from()
    {
        using var folder = new TestFolder();
        using var qemu = PausedQemu.BootLongMode(folder, "-smp", "2");
        qemu.Dump(folder["qemu.elf"], paging: false);
        var memory = qemu.PmemSave(folder["memory.raw"], 0, MemoryBytes);
        var firmware = qemu.PmemSave(folder["firmware.raw"], Firmware, FirmwareBytes);
        var shown = ShownRegisters.Split(qemu.Monitor("info registers -a"));
        KernelElf.Write(folder["qemu.elf"], folder["plain.elf"]);

        Tool.Run("makedumpfile", "--message-level", "0", "-c", folder["plain.elf"], folder["zlib.kdump"]);
        Tool.Run("makedumpfile", "--message-level", "0", "-d", "0", folder["plain.elf"], folder["stored.kdump"]);
        Tool.Run("makedumpfile", "--message-level", "0", "-l", folder["plain.elf"], folder["lzo.kdump"]);
        Tool.Shell($"makedumpfile --message-level 0 -c -F {folder["plain.elf"]} > {folder["flat.kdump"]}");
        Assert.EndsWith("is a kdump file compressed with LZO, which Vmi does not unpack; convert it: makedumpfile -c FILE NEW.",
            RecognitionTests.Refusal(folder["lzo.kdump"]));

        foreach (var file in (string[])["zlib.kdump", "stored.kdump", "flat.kdump"])
        {
            using var driver = Assert.IsType<KdumpDriver>(MemoryFile.Open(folder[file]));
            AssertMemory(driver, memory, firmware);
            for (ushort vcpu = 0; vcpu < 2; vcpu++)
                ShownRegisters.AssertEqual(shown[vcpu], (Amd64Registers)driver.GetRegisters(new VcpuId(vcpu)));
        }
    }

    private static void AssertMemory(KdumpDriver driver, byte[] memory, byte[] firmware)
    {
        Assert.Equal([new PhysicalRange(new Pa(0), MemoryBytes), new PhysicalRange(new Pa(Firmware), FirmwareBytes)], driver.MemoryMap);
        Assert.True(driver.Read(0, MemoryBytes + 1).AsSpan().SequenceEqual(memory));
        Assert.True(driver.Read(Firmware, FirmwareBytes + 1).AsSpan().SequenceEqual(firmware));
    }
}
