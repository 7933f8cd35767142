using System.Buffers.Binary;
using Vmi.Amd64;
using Vmi.Tests.Fakes;

namespace Vmi.Tests.Cpu;

/// <summary>
/// Descriptor tables made by hand: Intel SDM volume 3, 3.4.5, 6.11, 6.14.1 and 8.2.3. QEMU's own are in <see cref="QemuPagingTests"/>.
/// </summary>
public sealed class DescriptorTests
{
    private const ulong TablePage = 0xffff_fe00_0000_0000;

    private readonly FakeMemoryDriver _driver = new(64);
    private readonly FakePageTables _tables;
    private readonly VmiCore _core;

    public DescriptorTests()
    {
        _tables = new FakePageTables(_driver, 32);
        _tables.Map(TablePage, 0x5000);
        _core = new VmiCore(_driver);
    }

    [Fact]
    public void A_gate_of_long_mode_has_16_bytes_and_a_stack_of_its_own()
    {
        // #PF of a Linux kernel: selector 0x10, interrupt gate; #BP: DPL 3; #DF: IST 1.
        Write(0x5000 + 14 * 16, 0x8100_8e00_0010_1234, 0xffff_ffff);
        Write(0x5000 + 3 * 16, 0x8100_ee00_0010_5678, 0xffff_ffff);
        Write(0x5000 + 8 * 16, 0x8100_8e01_0010_9abc, 0xffff_ffff);
        var idt = Idt.Read(_core, LongMode(idtLimit: 0xfff));
        Assert.Equal(256, idt.Count);
        Assert.Equal(256, idt.Count());
        var gate = idt[ExceptionVector.PageFault];
        Assert.Equal(new Va(0xffff_ffff_8100_1234), gate.Offset);
        Assert.Equal(0x10, gate.Selector.Value);
        Assert.True(gate is { Present: true, Dpl: 0, Type: GateType.Interrupt, IsSystem: true, InterruptStackTable: 0 });
        Assert.Equal(3, idt[ExceptionVector.Breakpoint].Dpl);
        Assert.Equal(1, idt[ExceptionVector.DoubleFault].InterruptStackTable);
        Assert.False(idt[0].Present);
    }

    [Theory]
    [InlineData(0xfff, 256)]
    [InlineData(0x1ff, 32)]
    [InlineData(0x1fe, 31)] // half a gate is none
    [InlineData(0, 0)]
    [InlineData(0xffff, 256)] // there are no more vectors
    public void The_IDT_ends_at_its_limit(ushort limit, int count)
    {
        var idt = Idt.Read(_core, LongMode(limit));
        Assert.Equal(count, idt.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => idt[count]);
        Assert.Throws<ArgumentOutOfRangeException>(() => idt[-1]);
    }

    [Fact]
    public void An_IDT_that_is_not_mapped_says_where()
    {
        var registers = LongMode(0xfff);
        registers.Idtr = new DescriptorTableRegister(new Va(TablePage + 0x800), 0xfff);
        Assert.False(Idt.TryRead(_core, registers, out var idt, out var fault));
        Assert.Null(idt);
        Assert.Equal((TablePage + 0x1000, TranslationFaultCause.NotPresent), (fault.Address, fault.Cause));
        Assert.Throws<TranslationFaultException>(() => Idt.Read(_core, registers));
    }

    [Fact]
    public void Gates_of_protected_mode_have_8_bytes()
    {
        Write(0x5000 + 8 * 14, 0xc010_8f00_0060_1234);
        Write(0x5000 + 8 * 8, 0x0000_e500_0028_0000);
        var idt = Idt.Read(Physical(), ProtectedMode());
        Assert.Equal(256, idt.Count);
        Assert.Equal(new Va(0xc010_1234), idt[ExceptionVector.PageFault].Offset);
        Assert.Equal(GateType.Trap, idt[ExceptionVector.PageFault].Type);
        Assert.True(idt[ExceptionVector.DoubleFault] is { Type: GateType.Task, Dpl: 3 });
        Assert.Equal(0x28, idt[ExceptionVector.DoubleFault].Selector.Value);
    }

    [Fact]
    public void Real_mode_has_no_descriptor_tables()
    {
        var registers = ProtectedMode();
        registers.Cr0 = 0x10;
        Assert.Throws<VmiNotSupportedException>(() => Idt.Read(Physical(), registers));
        Assert.Throws<VmiNotSupportedException>(() => DescriptorTable.ReadGdt(Physical(), registers));
        Assert.Throws<VmiNotSupportedException>(() => DescriptorTable.ReadLdt(Physical(), registers));
    }

    [Fact]
    public void The_GDT_of_a_64_bit_Linux_kernel_is_read()
    {
        // Kernel code, user code, and the TSS at fffffe0000003000 of 16 bytes.
        Write(0x5000 + 0x10, 0x00af_9b00_0000_ffff);
        Write(0x5000 + 0x30, 0x00af_fb00_0000_ffff);
        Write(0x5000 + 0x40, 0x0000_8b00_3000_4087, 0xffff_fe00);
        var registers = LongMode(0xfff);
        registers.Gdtr = new DescriptorTableRegister(new Va(TablePage), 0x7f);
        var gdt = DescriptorTable.ReadGdt(_core, registers);
        Assert.Equal(16, gdt.Count);
        Assert.Equal([0x10, 0x30, 0x40], gdt.Entries().Select(entry => (int)entry.Selector.Value));
        Assert.True(gdt.TryGet(0x33, out var code));
        Assert.True(code.Segment is { LongMode: true, IsCode: true, Dpl: 3, Limit: 0xffff_ffff, Base: 0 });
        Assert.True(gdt.TryGet(0x40, out var tss));
        Assert.Equal((0xffff_fe00_0000_3000UL, 0x4087u, true, 11), (tss.Segment.Base, tss.Segment.Limit, tss.IsSystem, tss.Type));
        Assert.False(gdt.TryGet(0x80, out _));
        Assert.False(gdt.TryGet(0x14, out _));
    }

    [Fact]
    public void A_call_gate_has_a_target_and_no_base()
    {
        Write(0x5000 + 8, 0x8765_ec00_0010_4321, 0xffff_8000);
        var registers = LongMode(0xfff);
        registers.Gdtr = new DescriptorTableRegister(new Va(TablePage), 0x1f);
        Assert.True(DescriptorTable.ReadGdt(_core, registers).TryGet(8, out var gate));
        Assert.True(gate.IsGate);
        Assert.Equal((new Va(0xffff_8000_8765_4321), (ushort)0x10), (gate.GateOffset, gate.GateSelector.Value));
    }

    [Fact]
    public void An_LDT_is_read_where_LDTR_has_one()
    {
        Write(0x5000 + 8, 0x12cf_f234_5678_ffff);
        var registers = LongMode(0xfff);
        registers.Ldtr = new SegmentDescriptor(0x50, TablePage, 0xf, 0x82);
        var ldt = DescriptorTable.ReadLdt(_core, registers);
        Assert.Equal(2, ldt.Count);
        Assert.True(ldt.TryGet(0xf, out var segment));
        Assert.Equal((0x1234_5678UL, 3), (segment.Segment.Base, segment.Segment.Dpl));
        Assert.Equal(0xc, segment.Selector.Value);
        Assert.False(ldt.TryGet(8, out _));
        registers.Ldtr = new SegmentDescriptor(0, TablePage, 0xffff_ffff, 0x82);
        Assert.Equal(0, DescriptorTable.ReadLdt(_core, registers).Count);
        registers.Ldtr = new SegmentDescriptor(0x50, TablePage, 0xffff_ffff, 0x82);
        Assert.Throws<TranslationFaultException>(() => DescriptorTable.ReadLdt(_core, registers));
    }

    [Fact]
    public void Whatever_tables_and_their_registers_hold_only_faults_come_out()
    {
        var random = new Random(7);
        var deadline = Environment.TickCount64 + 1000;
        while (Environment.TickCount64 < deadline)
        {
            random.NextBytes(_driver.Memory[0x5000..0x6000]);
            var registers = random.Next(2) == 0 ? LongMode((ushort)random.Next(65536)) : ProtectedMode();
            var inside = registers.AddressWidth == 8 ? TablePage : 0x5000;
            ulong Somewhere() => random.Next(4) == 0
                ? (ulong)random.NextInt64(long.MinValue, long.MaxValue)
                : inside + (ulong)random.Next(0x1000);
            registers.Gdtr = new DescriptorTableRegister(new Va(Somewhere()), (ushort)random.Next(random.Next(2) == 0 ? 0x400 : 0x10000));
            registers.Idtr = new DescriptorTableRegister(new Va(Somewhere()), (ushort)random.Next(random.Next(2) == 0 ? 0x400 : 0x10000));
            registers.Ldtr = new SegmentDescriptor(8, Somewhere(), (uint)random.NextInt64(1L << random.Next(4, 33)), 0x82);
            var core = registers.AddressWidth == 8 ? _core : Physical();
            if (Idt.TryRead(core, registers, out var idt, out _))
                Assert.All(idt, gate => Assert.NotNull(gate.ToString()));
            Try(() => DescriptorTable.ReadGdt(core, registers));
            Try(() => DescriptorTable.ReadLdt(core, registers));
        }

        static void Try(Func<DescriptorTable> read)
        {
            try
            {
                var table = read();
                Assert.InRange(table.Count, 0, 8192);
                foreach (var entry in table.Entries())
                {
                    Assert.NotNull(entry.ToString());
                    Assert.Equal(entry.Selector, entry.Segment.Selector);
                    Assert.True(table.TryGet(entry.Selector, out _));
                }
            }
            catch (TranslationFaultException)
            {
            }
        }
    }

    private VmiCore Physical() => new(_driver) { PagingMode = new PagingMode(PagingLevels.None) };

    private Amd64Registers LongMode(ushort idtLimit) => new(Amd64RegisterGroups.All)
    {
        Cr0 = 0x8005_0033,
        Cr3 = _tables.Root.Value,
        Cr4 = 0x20,
        Efer = 0xd01,
        Idtr = new DescriptorTableRegister(new Va(TablePage), idtLimit),
    };

    private static Amd64Registers ProtectedMode() => new(Amd64RegisterGroups.All)
    {
        Cr0 = 0x11,
        Cr3 = 0,
        Cr4 = 0,
        Efer = 0,
        Idtr = new DescriptorTableRegister(new Va(0x5000), 0x7ff),
    };

    private void Write(int address, params ReadOnlySpan<ulong> words)
    {
        foreach (var word in words)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_driver.Memory[address..], word);
            address += 8;
        }
    }
}
