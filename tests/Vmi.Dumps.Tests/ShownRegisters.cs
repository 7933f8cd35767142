using System.Globalization;
using System.Text.RegularExpressions;
using Vmi.Amd64;

namespace Vmi.Dumps.Tests;

/// <summary>What QEMU's `info registers -a` shows.</summary>
internal static partial class ShownRegisters
{
    /// <summary>The text of each vCPU.</summary>
    public static string[] Split(string text) =>
        text.Split("CPU#", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Compares the lines of `info registers` of one vCPU, in their 32-bit or 64-bit form.</summary>
    public static void AssertEqual(string text, Amd64Registers registers)
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

    /// <summary>Compares the XMM registers that are shown, and MXCSR.</summary>
    public static void AssertSseEqual(string text, Amd64Registers registers)
    {
        var shown = XmmValue().Matches(text);
        Assert.Equal(registers.Cs.LongMode ? 16 : 8, shown.Count);
        foreach (Match match in shown)
        {
            var register = (Amd64Register)((int)Amd64Register.Xmm0 + int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
            Assert.Equal(new UInt128(Hex(match.Groups[2].Value), Hex(match.Groups[3].Value)), registers.GetXmm(register));
        }
        Assert.Contains($"MXCSR={registers.Mxcsr:x8}", text);
    }

    /// <summary>Compares a local APIC with QEMU's `info lapic`, which shows no base and no number.</summary>
    public static void AssertEqual(string text, LocalApic apic)
    {
        foreach (var (name, value) in (ReadOnlySpan<(string, uint)>)
            [
                ("LVT0", apic.LvtLint0), ("LVT1", apic.LvtLint1), ("LVTPC", apic.LvtPerformanceCounter), ("LVTERR", apic.LvtError),
                ("LVTTHMR", apic.LvtThermalSensor), ("LVTT", apic.LvtTimer), ("SPIV", apic.SpuriousVector),
                ("ICR", (uint)apic.InterruptCommand), ("ICR2", (uint)(apic.InterruptCommand >> 32)), ("ESR", apic.ErrorStatus),
            ])
            Assert.Contains($"\n{name}\t 0x{value:x8}", text);
        Assert.Contains($"DCR=0x{apic.DivideConfiguration:x} ", text);
        Assert.Contains($"initial_count = {apic.InitialCount} ", text);
        Assert.Contains(
            $"TPR 0x{apic.TaskPriority:x2} DFR 0x{apic.DestinationFormat >> 28:x2} LDR 0x{apic.LogicalDestination >> 24:x2}", text);
        foreach (var (name, vectors) in (ReadOnlySpan<(string, IReadOnlyList<byte>)>)
            [("ISR", apic.InService), ("IRR", apic.InterruptRequest)])
            Assert.Contains($"{name}\t {(vectors.Count == 0 ? "(none)" : string.Join(' ', vectors))}", text);
    }

    private static ulong Hex(string digits) => ulong.Parse(digits.Replace("0x", "", StringComparison.Ordinal), NumberStyles.HexNumber,
        CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\b([A-Z][A-Z0-9]{1,2})\s?=([0-9a-f]{8,16})\b")]
    private static partial Regex AssignedValue();

    [GeneratedRegex(@"\bXMM([0-9]{2})=([0-9a-f]{16}) ([0-9a-f]{16})\b")]
    private static partial Regex XmmValue();

    [GeneratedRegex(@"^(ES|CS|SS|DS|FS|GS|LDT|TR) *=([0-9a-f]{4}) ([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+)", RegexOptions.Multiline)]
    private static partial Regex SegmentLine();

    [GeneratedRegex(@"^(GDT|IDT)= +([0-9a-f]+) ([0-9a-f]+)", RegexOptions.Multiline)]
    private static partial Regex TableLine();
}
