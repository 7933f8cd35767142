using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Vmi.Amd64;

namespace Vmi.Dumps.Tests;

/// <summary>What QEMU itself writes, compared with what QEMU says in other ways, and with readelf.</summary>
public sealed partial class QemuDumpTests
{
    private const int MemoryBytes = 64 << 20;

    [Fact]
    public void A_dump_has_the_memory_and_registers_that_QEMU_shows()
    {
        using var folder = new TestFolder();
        using var qemu = new PausedQemu(folder, "-m", "64M", "-smp", "2", "-kernel", BuildKernel(folder));
        WaitUntilHalted(qemu);
        qemu.Stop();
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

        var vcpus = shown.Split("CPU#", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(2, vcpus.Length);
        for (ushort vcpu = 0; vcpu < 2; vcpu++)
            AssertShown(vcpus[vcpu], (Amd64Registers)driver.GetRegisters(new VcpuId(vcpu)));

        // `info registers` does not show it: the value is the boot program's.
        Assert.Equal(0x123489abcdefUL, ((Amd64Registers)driver.GetRegisters(new VcpuId(0))).KernelGsBase);
    }

    [Fact]
    public void A_dump_with_paging_has_the_memory_that_is_mapped_once()
    {
        using var folder = new TestFolder();
        using var qemu = new PausedQemu(folder, "-m", "64M", "-kernel", BuildKernel(folder));
        WaitUntilHalted(qemu);
        qemu.Stop();
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
        var shown = qemu.Monitor("info registers -a").Split("CPU#", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        using var driver = Assert.IsType<ElfCoreDriver>(MemoryFile.Open(elf));
        Assert.Equal((100, 100), (shown.Length, driver.Info.Vcpus));
        for (ushort vcpu = 0; vcpu < 100; vcpu++)
            AssertShown(shown[vcpu], (Amd64Registers)driver.GetRegisters(new VcpuId(vcpu)));
    }

    /// <summary>Compares the lines of `info registers` of one vCPU, in their 32-bit or 64-bit form.</summary>
    private static void AssertShown(string text, Amd64Registers registers)
    {
        var shown = AssignedValue().Matches(text).ToDictionary(match => match.Groups[1].Value, match => Hex(match.Groups[2].Value));
        var wide = shown.ContainsKey("RAX");
        foreach (var (name, register) in (ReadOnlySpan<(string, Amd64Register)>)
            [
                ("AX", Amd64Register.Rax), ("BX", Amd64Register.Rbx), ("CX", Amd64Register.Rcx), ("DX", Amd64Register.Rdx),
                ("SI", Amd64Register.Rsi), ("DI", Amd64Register.Rdi), ("BP", Amd64Register.Rbp), ("SP", Amd64Register.Rsp),
                ("IP", Amd64Register.Rip),
            ])
            Assert.Equal(shown[(wide ? "R" : "E") + name], registers[register]);
        for (var i = 8; wide && i < 16; i++)
            Assert.Equal(shown[$"R{i}"], registers[(Amd64Register)((int)Amd64Register.R8 + i - 8)]);
        Assert.Equal(shown[wide ? "RFL" : "EFL"], registers[Amd64Register.Rflags]);
        foreach (var (name, register) in (ReadOnlySpan<(string, Amd64Register)>)
            [
                ("CR0", Amd64Register.Cr0), ("CR2", Amd64Register.Cr2), ("CR3", Amd64Register.Cr3), ("CR4", Amd64Register.Cr4),
            ])
            Assert.Equal(shown[name], registers[register]);

        var segments = SegmentLine().Matches(text).ToDictionary(match => match.Groups[1].Value);
        foreach (var (name, register) in (ReadOnlySpan<(string, Amd64Register)>)
            [
                ("ES", Amd64Register.Es), ("CS", Amd64Register.Cs), ("SS", Amd64Register.Ss), ("DS", Amd64Register.Ds),
                ("FS", Amd64Register.Fs), ("GS", Amd64Register.Gs), ("LDT", Amd64Register.Ldtr), ("TR", Amd64Register.Tr),
            ])
        {
            var line = segments[name].Groups;
            Assert.Equal(
                new SegmentDescriptor((ushort)Hex(line[2].Value), Hex(line[3].Value), (uint)Hex(line[4].Value),
                    (ushort)((Hex(line[5].Value) >> 8) & 0xf0ff)),
                registers.GetSegment(register));
        }

        var tables = TableLine().Matches(text).ToDictionary(match => match.Groups[1].Value,
            match => new DescriptorTableRegister(new Va(Hex(match.Groups[2].Value)), (ushort)Hex(match.Groups[3].Value)));
        Assert.Equal(tables["GDT"], registers.Gdtr);
        Assert.Equal(tables["IDT"], registers.Idtr);
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
        Run("as", "--64", "-o", folder["longmode.o"], Path.Combine(AppContext.BaseDirectory, "longmode.S"));
        Run("ld", "-m", "elf_x86_64", "-Ttext=0x200000", "-z", "noseparate-code", "-o", folder["longmode.64"], folder["longmode.o"]);
        Run("objcopy", "-O", "elf32-i386", folder["longmode.64"], folder["longmode"]);
        return folder["longmode"];
    }

    private static List<(ulong Start, ulong Length)> SegmentsByReadelf(string path) =>
        [.. LoadLine().Matches(Run("readelf", "-lW", path)).Select(match => (Hex(match.Groups[1].Value), Hex(match.Groups[2].Value)))];

    private static string Run(string tool, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} failed.");
        return output;
    }

    private static ulong Hex(string digits) => ulong.Parse(digits.Replace("0x", "", StringComparison.Ordinal), NumberStyles.HexNumber,
        CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*LOAD\s+\S+\s+\S+\s+(\S+)\s+(\S+)", RegexOptions.Multiline)]
    private static partial Regex LoadLine();

    [GeneratedRegex(@"\b([A-Z][A-Z0-9]{1,2})\s?=([0-9a-f]{8,16})\b")]
    private static partial Regex AssignedValue();

    [GeneratedRegex(@"^(ES|CS|SS|DS|FS|GS|LDT|TR) *=([0-9a-f]{4}) ([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+)", RegexOptions.Multiline)]
    private static partial Regex SegmentLine();

    [GeneratedRegex(@"^(GDT|IDT)= +([0-9a-f]+) ([0-9a-f]+)", RegexOptions.Multiline)]
    private static partial Regex TableLine();
}
