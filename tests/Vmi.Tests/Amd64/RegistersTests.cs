using Vmi.Amd64;

namespace Vmi.Tests.Cpu;

public sealed class RegistersTests
{
    private const Amd64RegisterGroups Carried = Amd64RegisterGroups.General | Amd64RegisterGroups.Control;

    [Fact]
    public void A_register_that_the_source_lacks_throws_by_name_and_is_never_zero()
    {
        var registers = new Amd64Registers(Amd64RegisterGroups.General);
        var error = Assert.Throws<RegisterNotAvailableException>(() => registers.Lstar);
        Assert.Equal("LSTAR", error.Register);
        Assert.Contains("LSTAR", error.Message, StringComparison.Ordinal);
        Assert.Throws<RegisterNotAvailableException>(() => registers.Cs);
        Assert.Throws<RegisterNotAvailableException>(() => registers.Idtr);
        Assert.Throws<RegisterNotAvailableException>(() => registers.Cr3 = 1);
        Assert.Throws<RegisterNotAvailableException>(() => registers[Amd64Register.Efer] = 1);
    }

    [Fact]
    public void A_register_that_was_never_set_is_not_zero_either() =>
        Assert.Throws<RegisterNotAvailableException>(() => new Amd64Registers(Amd64RegisterGroups.All).Rax);

    [Fact]
    public void Every_register_holds_its_own_value()
    {
        var registers = new Amd64Registers(Amd64RegisterGroups.All);
        var seed = 1000UL;
        foreach (var register in Enum.GetValues<Amd64Register>())
        {
            if (IsSegment(register))
                registers.SetSegment(register, new SegmentDescriptor(new SegmentSelector((ushort)register), seed++, 1, 2));
            else if (IsXmm(register))
                registers.SetXmm(register, new UInt128(~seed, seed++));
            else if (!IsTable(register))
                registers[register] = seed++;
        }

        registers.Gdtr = new DescriptorTableRegister(new Va(1), 2);
        registers.Idtr = new DescriptorTableRegister(new Va(3), 4);
        seed = 1000;
        foreach (var register in Enum.GetValues<Amd64Register>())
        {
            if (IsSegment(register))
                Assert.Equal(new SegmentDescriptor(new SegmentSelector((ushort)register), seed++, 1, 2), registers.GetSegment(register));
            else if (IsXmm(register))
                Assert.Equal(new UInt128(~seed, seed++), registers.GetXmm(register));
            else if (!IsTable(register))
                Assert.Equal(seed++, registers[register]);
        }

        Assert.Equal(1UL, registers.Gdtr.Base.Value);
        Assert.Equal(4, registers.Idtr.Limit);
        Assert.Equal(registers[Amd64Register.Rflags], (ulong)registers.Rflags);
        Assert.Equal(registers[Amd64Register.Dr7], (ulong)registers.Dr7);
        Assert.Equal(registers[Amd64Register.R15], registers.R15);
        Assert.Equal(registers.GetSegment(Amd64Register.Ldtr), registers.Ldtr);
        Assert.Throws<ArgumentOutOfRangeException>(() => registers[Amd64Register.Cs]);
        Assert.Throws<ArgumentOutOfRangeException>(() => registers[Amd64Register.Xmm3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => registers.GetSegment(Amd64Register.Rax));
        Assert.Throws<ArgumentOutOfRangeException>(() => registers.GetXmm(Amd64Register.Mxcsr));
        Assert.Throws<ArgumentOutOfRangeException>(() => registers[(Amd64Register)200]);
    }

    [Fact]
    public void A_group_that_was_not_carried_is_fetched_once_on_first_use()
    {
        var source = new Source();
        var registers = new Amd64Registers(Amd64RegisterGroups.All, source);
        registers.Renew(Carried);
        registers.Rax = 7;
        Assert.Empty(source.Fetched);
        Assert.Equal(Source.LstarValue, registers.Lstar);
        Assert.Equal(1UL, registers.Star);
        Assert.Equal([Amd64RegisterGroups.SyscallMsrs], source.Fetched);
        Assert.Equal(7UL, registers.Rax);
        Assert.Equal(Carried | Amd64RegisterGroups.SyscallMsrs, registers.Loaded);
    }

    [Fact]
    public void Changing_one_register_of_a_group_that_was_not_carried_keeps_the_others()
    {
        var source = new Source();
        var registers = new Amd64Registers(Amd64RegisterGroups.All, source);
        registers.Renew(Carried);
        registers.Star = 99;
        Assert.Equal((99UL, Source.LstarValue), (registers.Star, registers.Lstar));
    }

    [Fact]
    public void Renewed_registers_forget_what_they_had()
    {
        var source = new Source();
        var registers = new Amd64Registers(Amd64RegisterGroups.All, source);
        _ = registers.Lstar;
        registers.Renew(Carried);
        _ = registers.Lstar;
        Assert.Equal(2, source.Fetched.Count);
        Assert.Throws<ArgumentException>(() => new Amd64Registers(Carried).Renew(Amd64RegisterGroups.Debug));
    }

    [Fact]
    public void A_fetch_that_fails_is_tried_again()
    {
        var source = new Source { Fails = true };
        var registers = new Amd64Registers(Amd64RegisterGroups.All, source);
        Assert.Throws<VmiDriverException>(() => registers.Lstar);
        source.Fails = false;
        Assert.Equal(Source.LstarValue, registers.Lstar);
    }

    [Fact]
    public void A_clone_has_all_groups_and_lives_on_its_own()
    {
        var source = new Source();
        var registers = new Amd64Registers(Carried | Amd64RegisterGroups.SyscallMsrs, source);
        registers.Renew(Carried);
        registers.Rax = 1;
        registers.Cr3 = 2;
        var clone = registers.Clone();
        registers.Rax = 5;
        registers.Renew(Amd64RegisterGroups.None);
        Assert.Equal((1UL, 2UL, Source.LstarValue), (clone.Rax, (ulong)clone.Cr3, clone.Lstar));
        Assert.Single(source.Fetched);
        Assert.Throws<RegisterNotAvailableException>(() => clone.Cr8);
    }

    [Fact]
    public void Differences_name_the_registers_that_changed_and_fetch_nothing_else()
    {
        var source = new Source();
        var registers = new Amd64Registers(Amd64RegisterGroups.All, source);
        registers.Renew(Carried | Amd64RegisterGroups.Segments | Amd64RegisterGroups.DescriptorTables);
        var wanted = new Amd64Registers(Amd64RegisterGroups.All, source);
        wanted.Renew(Carried | Amd64RegisterGroups.Segments | Amd64RegisterGroups.DescriptorTables);
        Assert.Empty(registers.Differences(wanted));
        wanted.Rax = 1;
        wanted.Rip = 2;
        wanted.Cr3 = 3;
        wanted.Gs = wanted.Gs with { Base = 4 };
        wanted.Idtr = new DescriptorTableRegister(new Va(5), 6);
        Assert.Equal(
            [Amd64Register.Rax, Amd64Register.Rip, Amd64Register.Gs, Amd64Register.Idtr, Amd64Register.Cr3], registers.Differences(wanted));
        Assert.Empty(source.Fetched);
        foreach (var register in registers.Differences(wanted).ToList())
            registers.CopyFrom(wanted, register);
        Assert.Empty(registers.Differences(wanted));
    }

    [Fact]
    public void A_register_that_only_the_wanted_ones_have_is_a_difference()
    {
        var wanted = new Amd64Registers(Amd64RegisterGroups.Efer) { Efer = 0 };
        Assert.Equal([Amd64Register.Efer], new Amd64Registers(Amd64RegisterGroups.General).Differences(wanted));
    }

    [Fact]
    public void Copying_general_registers_leaves_the_others()
    {
        var registers = new Amd64Registers(Carried) { Rax = 1, Cr3 = 2 };
        var other = new Amd64Registers(Carried) { Rax = 3, Rflags = 4, Cr3 = 5 };
        registers.CopyFrom(other, Amd64RegisterGroups.General);
        Assert.Equal((3UL, 4UL, 2UL), (registers.Rax, (ulong)registers.Rflags, (ulong)registers.Cr3));
    }

    [Fact]
    public void A_source_that_sets_registers_of_another_group_is_told_so() =>
        Assert.Throws<InvalidOperationException>(() => new Amd64Registers(Amd64RegisterGroups.All, new WrongSource()).Rax);

    private static bool IsSegment(Amd64Register register) => Amd64Registers.GroupOf(register) == Amd64RegisterGroups.Segments;

    private static bool IsXmm(Amd64Register register) => register is >= Amd64Register.Xmm0 and <= Amd64Register.Xmm15;

    private static bool IsTable(Amd64Register register) => Amd64Registers.GroupOf(register) == Amd64RegisterGroups.DescriptorTables;

    private sealed class Source : IAmd64RegisterSource
    {
        public const ulong LstarValue = 0xffff_ffff_8120_0000;

        public List<Amd64RegisterGroups> Fetched { get; } = [];

        public bool Fails { get; set; }

        public void Fetch(Amd64Registers registers, Amd64RegisterGroups group)
        {
            if (Fails)
                throw new VmiDriverException("gone");
            Fetched.Add(group);
            if (group != Amd64RegisterGroups.SyscallMsrs)
                return;
            registers.Star = 1;
            registers.Lstar = LstarValue;
            registers.Cstar = 3;
            registers.Fmask = 4;
        }
    }

    private sealed class WrongSource : IAmd64RegisterSource
    {
        public void Fetch(Amd64Registers registers, Amd64RegisterGroups group) => registers.Cr8 = 1;
    }
}
