using Vmi.Amd64;
using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Cpus;

public sealed class CurrentTaskTests
{
    private readonly FakeGuest _guest = new();
    private readonly ulong[] _cpus = new ulong[2];

    public CurrentTaskTests()
    {
        _guest.Write(FakeGuest.NrCpuIds, 2);
        for (var i = 0; i < 2; i++)
        {
            // A CPU's own variables, reached by their offsets in the image of all of them.
            _cpus[i] = _guest.Allocate(0x4000, 4096);
            _guest.Write(FakeGuest.PerCpuOffsets + (ulong)i * 8, _cpus[i]);
            _guest.Set(_cpus[i] + FakeGuest.PcpuHot, "pcpu_hot", "current_task", _guest.AddProcess((uint)i + 1, $"on cpu {i}"));
            _guest.Write(_cpus[i] + FakeGuest.CeaOffset, (ulong)(7 - i));
        }
    }

    private static Amd64Registers Registers(Amd64RegisterGroups groups)
    {
        var registers = new Amd64Registers(groups | Amd64RegisterGroups.Control | Amd64RegisterGroups.Efer | Amd64RegisterGroups.General)
        {
            Cr0 = 0x8000_0001,
            Cr3 = 0x1000,
            Cr4 = 0x20,
            Efer = 0xd00,
        };
        return registers;
    }

    private string Current(Registers registers) => _guest.Session.WithRegisters(registers).Os.CurrentProcess().Name;

    private static SegmentDescriptor Gs(ulong start) => new(default, start, 0, 0);

    [Fact]
    public void In_the_kernel_GS_tells()
    {
        var registers = Registers(Amd64RegisterGroups.Segments);
        registers.Gs = Gs(_cpus[1]);
        Assert.Equal("on cpu 1", Current(registers));
        Assert.Equal(2u, _guest.Session.WithRegisters(registers).Os.CurrentThread().Id.Value);
    }

    [Fact]
    public void In_a_program_KERNEL_GS_BASE_tells_whatever_the_program_set_GS_to()
    {
        var registers = Registers(Amd64RegisterGroups.Segments | Amd64RegisterGroups.KernelGsBase);
        registers.Gs = Gs(0xffff_8880_0000_1000);
        registers.KernelGsBase = _cpus[0];
        Assert.Equal("on cpu 0", Current(registers));
    }

    [Theory]
    [InlineData(7UL, "on cpu 0")]
    [InlineData(6UL, "on cpu 1")]
    public void Where_GS_does_not_help_the_GDT_tells(ulong area, string name)
    {
        var registers = Registers(Amd64RegisterGroups.Segments | Amd64RegisterGroups.DescriptorTables);
        registers.Gs = Gs(0x7f00_0000_0000);
        registers.Gdtr = new DescriptorTableRegister(new Va(0xffff_fe00_0000_1000 + area * 0x3000), 0x7f);
        Assert.Equal(name, Current(registers));
    }

    [Fact]
    public void A_CPU_that_can_t_be_told_is_refused()
    {
        var registers = Registers(Amd64RegisterGroups.DescriptorTables);
        registers.Gdtr = new DescriptorTableRegister(new Va(0xffff_fe00_0000_1000), 0x7f);
        Assert.Throws<VmiNotSupportedException>(() => Current(registers));
        Assert.Throws<VmiNotSupportedException>(() => _guest.Os.CurrentProcess());
    }

    [Fact]
    public void An_absurd_number_of_CPUs_is_bounded()
    {
        _guest.Write(FakeGuest.NrCpuIds, uint.MaxValue);
        var registers = Registers(Amd64RegisterGroups.DescriptorTables);
        registers.Gdtr = default;
        Assert.Throws<VmiNotSupportedException>(() => Current(registers));
    }
}
