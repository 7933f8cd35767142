using System.Buffers.Binary;
using Vmi.Amd64;
using Vmi.Tests.Fakes;

namespace Vmi.Tests.Cpu;

/// <summary>What the registers mean together: Intel SDM volume 3, 4.1.1 (paging modes) and 4.5.2 (CR3).</summary>
public sealed class ModeTests
{
    private const ulong Pg = 0x8000_0001;
    private const ulong Pse = 1 << 4;
    private const ulong PaeBit = 1 << 5;
    private const ulong La57 = 1 << 12;
    private const ulong Pcide = 1 << 17;
    private const ulong Lma = 0x500;
    private const ulong Nxe = 0x800;
    private const ushort Code64 = 0xA09B;

    [Theory]
    [InlineData(1, PaeBit, Nxe, PagingLevels.None)]
    [InlineData(Pg, 0, 0, PagingLevels.Legacy)]
    [InlineData(Pg, Pse, Nxe, PagingLevels.Legacy)]
    [InlineData(Pg, PaeBit, Nxe, PagingLevels.Pae)]
    [InlineData(Pg, PaeBit | Pse, Nxe, PagingLevels.Pae)]
    [InlineData(Pg, PaeBit | La57, 0x100, PagingLevels.Pae)]
    [InlineData(Pg, PaeBit, Lma | Nxe, PagingLevels.Four)]
    [InlineData(Pg, PaeBit | La57, Lma, PagingLevels.Five)]
    public void The_paging_mode_is_that_of_the_manual(ulong cr0, ulong cr4, ulong efer, PagingLevels levels)
    {
        var mode = Make(cr0, 0, cr4, efer).PagingMode;
        Assert.Equal(levels, mode.Levels);
        Assert.Equal(levels != PagingLevels.Legacy || (cr4 & Pse) != 0, mode.PageSizeExtensions);
        if (levels > PagingLevels.Legacy)
            Assert.Equal((efer & Nxe) != 0, mode.NoExecute);
    }

    [Theory]
    [InlineData(PaeBit, Lma, 0xe000_0000_1234_5fff, 0x1234_5000)] // LAM, no-flush and PCID
    [InlineData(PaeBit, Lma, 0x800f_edcb_a987_6abc, 0x000f_edcb_a987_6000)]
    [InlineData(PaeBit | La57, Lma, 0x1234_5018, 0x1234_5000)]
    [InlineData(PaeBit, 0, 0x1234_5678, 0x1234_5660)] // the root of PAE is aligned to 32 bytes
    [InlineData(0, 0, 0x1234_5678, 0x1234_5000)]
    public void The_translation_root_is_the_address_bits_of_CR3(ulong cr4, ulong efer, ulong cr3, ulong root)
    {
        var registers = Make(Pg, cr3, cr4, efer);
        Assert.Equal(new Pa(root), registers.TranslationRoot);
        registers.TranslationRoot = new Pa(0x7_f000);
        Assert.Equal(new Pa(0x7_f000), registers.TranslationRoot);
        Assert.Equal(cr3 - root + 0x7_f000, (ulong)registers.Cr3);
    }

    [Fact]
    public void Without_EFER_long_mode_is_known_by_what_only_it_has()
    {
        const Amd64RegisterGroups groups = Amd64RegisterGroups.Control | Amd64RegisterGroups.General | Amd64RegisterGroups.Segments
            | Amd64RegisterGroups.DescriptorTables;
        var registers = new Amd64Registers(groups)
        {
            Cr0 = Pg,
            Cr3 = 0x1000,
            Cr4 = PaeBit,
            Rip = 0x8048000,
            Idtr = new(new Va(0x1000), 0xff),
            Cs = new(0x23, 0, 0xffff_ffff, 0xc0fb),
        };
        Assert.Equal("EFER", Assert.Throws<RegisterNotAvailableException>(() => registers.PagingMode).Register);

        AssertLong(changed => changed.Idtr = new(new Va(0xffff_fe00_0000_0000), 0xfff));
        AssertLong(changed => changed.Cs = new(0x33, 0, 0, Code64));
        AssertLong(changed => changed.Rip = 0x7fff_0000_0000);
        AssertLong(changed => changed.Cr4 = PaeBit | Pcide);
        AssertLong(changed => changed.Cr3 = 0x1_0000_0000);
        registers.Cr4 = 0;
        Assert.Equal(PagingLevels.Legacy, registers.PagingMode.Levels);

        void AssertLong(Action<Amd64Registers> change)
        {
            var changed = registers.Clone();
            change(changed);
            Assert.Equal(PagingMode.FourLevel, changed.PagingMode);
        }
    }

    [Theory]
    [InlineData(Lma, Code64, 8, 8)]
    [InlineData(Lma, 0xC0FB, 8, 4)] // 32-bit code in long mode
    [InlineData(0, 0xC09B, 4, 4)]
    public void The_address_width_follows_the_mode_and_the_effective_one_the_code(ulong efer, ushort cs, int width, int effective)
    {
        var registers = Make(Pg, 0, PaeBit, efer);
        registers.Cs = new SegmentDescriptor(0x10, 0, 0, cs);
        Assert.Equal((width, effective), (registers.AddressWidth, registers.EffectiveAddressWidth));
    }

    [Fact]
    public void The_return_address_lies_on_top_of_the_stack()
    {
        var driver = new FakeMemoryDriver(64);
        var tables = new FakePageTables(driver, 32);
        const ulong stack = 0xffff_c900_0000_0000;
        tables.Map(stack, 0x5000);
        BinaryPrimitives.WriteUInt64LittleEndian(driver.Memory[0x5ff8..], 0xffff_ffff_8100_1234);
        var registers = Make(Pg, tables.Root.Value | 0x123, PaeBit | Pcide, Lma);
        registers.Cs = new SegmentDescriptor(0x10, 0, 0, Code64);
        registers.StackPointer = new Va(stack + 0xff8);
        registers.InstructionPointer = new Va(1);
        var core = new VmiCore(driver);
        Assert.Equal(new Va(0xffff_ffff_8100_1234), registers.ReturnAddress(core));
        var returned = registers.ReturnFromFunction(core, 42);
        Assert.Equal((0xffff_ffff_8100_1234, stack + 0x1000, 42UL), (returned.Rip, returned.Rsp, returned.Result));
        Assert.Equal((1UL, stack + 0xff8), (registers.Rip, registers.Rsp));
        registers.Rsp = 0x1000;
        Assert.Throws<TranslationFaultException>(() => registers.ReturnAddress(core));
    }

    [Fact]
    public void The_return_address_of_32_bit_code_has_4_bytes_and_the_stack_segment_a_base()
    {
        var driver = new FakeMemoryDriver(64);
        BinaryPrimitives.WriteUInt64LittleEndian(driver.Memory[0x5008..], 0xaabb_ccdd_1122_3344);
        var registers = Make(1, 0, 0, 0);
        registers.Cs = new SegmentDescriptor(0x8, 0, 0xffff_ffff, 0xC09B);
        registers.Ss = new SegmentDescriptor(0x10, 0x5000, 0xffff_ffff, 0xC093);
        registers.Rsp = 8;
        var core = new VmiCore(driver) { PagingMode = registers.PagingMode };
        Assert.Equal(new Va(0x1122_3344), registers.ReturnAddress(core));
        Assert.Equal(12UL, registers.ReturnFromFunction(core, 0).Rsp);
    }

    private static Amd64Registers Make(ulong cr0, ulong cr3, ulong cr4, ulong efer) =>
        new(Amd64RegisterGroups.All) { Cr0 = cr0, Cr3 = cr3, Cr4 = cr4, Efer = efer, Rax = 0 };
}
