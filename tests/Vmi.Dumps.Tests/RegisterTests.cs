using Vmi.Amd64;

namespace Vmi.Dumps.Tests;

public sealed class RegisterTests
{
    private const Amd64RegisterGroups Carried = Amd64RegisterGroups.General | Amd64RegisterGroups.Segments
        | Amd64RegisterGroups.DescriptorTables | Amd64RegisterGroups.Control;

    [Fact]
    public void Each_field_of_QEMU_s_note_becomes_its_register()
    {
        // In the note made for the test every 64-bit field is its own number; a segment is {selector, limit}, {flags, pad}, base.
        var registers = RegistersOf(ElfBuilder.QemuState());

        Assert.Equal(
            Enumerable.Range(0, 18).Select(field => (ulong)field),
            new ulong[] { registers.Rax, registers.Rbx, registers.Rcx, registers.Rdx, registers.Rsi, registers.Rdi, registers.Rsp,
                registers.Rbp, registers.R8, registers.R9, registers.R10, registers.R11,
                registers.R12, registers.R13, registers.R14, registers.R15,
                registers.Rip, registers[Amd64Register.Rflags] });
        Assert.Equal(
            [18, 21, 24, 27, 30, 33, 36, 39],
            new[] { registers.Cs, registers.Ds, registers.Es, registers.Fs, registers.Gs, registers.Ss, registers.Ldtr, registers.Tr }
                .Select(segment => (int)segment.Selector.Value));
        Assert.Equal((20UL, 41UL, 44UL, 47UL),
            (registers.Cs.Base, registers.Tr.Base, registers.Gdtr.Base.Value, registers.Idtr.Base.Value));
        Assert.Equal((48UL, 50UL, 51UL, 52UL, 53UL), (registers[Amd64Register.Cr0], registers.Cr2, registers[Amd64Register.Cr3],
            registers[Amd64Register.Cr4], registers.KernelGsBase));
        Assert.Equal(Carried | Amd64RegisterGroups.KernelGsBase, registers.Available);
    }

    [Fact]
    public void A_segment_has_its_limit_and_access_rights()
    {
        var state = ElfBuilder.QemuState();
        // 64-bit kernel code as QEMU has it: G, L, P, DPL 0, code, read, accessed.
        byte[] code = [0x10, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0x9b, 0xaf, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        code.CopyTo(state, 8 + (18 * 8));
        byte[] table = [0, 0, 0, 0, 0xff, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xff, 0xff];
        table.CopyTo(state, 8 + (18 * 8) + (9 * 24));
        var registers = RegistersOf(state);

        Assert.Equal(new SegmentDescriptor(0x10, 0, 0xffffffff, 0xa09b), registers.Cs);
        Assert.True(registers.Cs is { LongMode: true, Granularity: true, Present: true, IsCode: true, Dpl: 0 });
        Assert.Equal(new DescriptorTableRegister(new Va(0xfffffe0000000000), 0xfff), registers.Idtr);
    }

    [Fact]
    public void A_note_of_an_older_QEMU_lacks_KERNEL_GS_BASE()
    {
        var registers = RegistersOf(ElfBuilder.QemuState(432));

        Assert.Equal(Carried, registers.Available);
        Assert.Equal(52UL, registers[Amd64Register.Cr4]);
        Assert.Throws<RegisterNotAvailableException>(() => registers.KernelGsBase);
    }

    [Fact]
    public void A_note_of_a_newer_QEMU_may_have_more_fields()
    {
        Assert.Equal(53UL, RegistersOf(ElfBuilder.QemuState(480)).KernelGsBase);
    }

    [Fact]
    public void What_the_file_does_not_carry_is_reported_as_lacking()
    {
        var registers = RegistersOf(ElfBuilder.QemuState());

        Assert.Throws<RegisterNotAvailableException>(() => registers.Efer);
        Assert.Throws<RegisterNotAvailableException>(() => registers.Lstar);
        Assert.Throws<RegisterNotAvailableException>(() => registers.Dr7);
    }

    [Fact]
    public void Registers_handed_out_are_a_copy()
    {
        using var folder = new TestFolder();
        using var driver = ElfCoreDriver.Open(folder.Write("memory.elf", new ElfBuilder().Vcpu().Load(0, new byte[64]).Build()));
        var first = (Amd64Registers)driver.GetRegisters(new VcpuId(0));
        first.Rcx = 4711;

        Assert.Equal(2UL, ((Amd64Registers)driver.GetRegisters(new VcpuId(0))).Rcx);
    }

    [Fact]
    public void There_is_no_vCPU_beyond_the_last()
    {
        using var folder = new TestFolder();
        using var driver = ElfCoreDriver.Open(folder.Write("memory.elf", new ElfBuilder().Vcpu().Vcpu().Load(0, new byte[64]).Build()));

        Assert.NotNull(driver.GetRegisters(new VcpuId(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => driver.GetRegisters(new VcpuId(2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => driver.GetRegisters(new VcpuId(ushort.MaxValue)));
    }

    [Fact]
    public void Of_300_vCPUs_each_has_its_own_registers()
    {
        using var folder = new TestFolder();
        var builder = new ElfBuilder().Load(0, new byte[64]);
        for (var vcpu = 0; vcpu < 300; vcpu++)
        {
            var state = ElfBuilder.QemuState();
            BitConverter.TryWriteBytes(state.AsSpan(8), 1000L + vcpu);
            builder.Vcpu(state);
        }

        using var driver = ElfCoreDriver.Open(folder.Write("memory.elf", builder.Build()));
        Assert.Equal(300, driver.Info.Vcpus);
        for (ushort vcpu = 0; vcpu < 300; vcpu++)
            Assert.Equal(1000UL + vcpu, ((Amd64Registers)driver.GetRegisters(new VcpuId(vcpu))).Rax);
    }

    private static Amd64Registers RegistersOf(byte[] state)
    {
        using var folder = new TestFolder();
        using var driver = ElfCoreDriver.Open(folder.Write("memory.elf", new ElfBuilder().Vcpu(state).Load(0, new byte[64]).Build()));
        return Assert.IsType<Amd64Registers>(driver.GetRegisters(new VcpuId(0)));
    }
}
