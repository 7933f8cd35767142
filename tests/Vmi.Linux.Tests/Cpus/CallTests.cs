using Vmi.Amd64;
using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Cpus;

public sealed class CallTests
{
    private static readonly SegmentDescriptor Code64 = new(default, 0, uint.MaxValue, 0xa09b);
    private static readonly SegmentDescriptor Code32 = new(default, 0, uint.MaxValue, 0xc09b);

    private readonly FakeGuest _guest = new();

    private readonly Amd64Registers _registers = new(
        Amd64RegisterGroups.General | Amd64RegisterGroups.Control | Amd64RegisterGroups.Efer | Amd64RegisterGroups.Segments)
    {
        Cr0 = 0x8000_0001,
        Cr3 = 0x1000,
        Cr4 = 0x20,
        Efer = 0xd00,
        Cs = Code64,
        Rdi = 1,
        Rsi = 2,
        Rdx = 3,
        R10 = 4,
        R8 = 5,
        R9 = 6,
        Rcx = 7,
        Rbx = 8,
        Rbp = 9,
        Rax = 10,
    };

    private LinuxOs Os => _guest.Session.WithRegisters(_registers).Os;

    private ulong[] SyscallArguments => [.. Enumerable.Range(0, 6).Select(Os.SyscallArgument)];

    [Fact]
    public void At_the_kernel_s_entry_a_system_call_s_arguments_are_in_the_registers()
    {
        Assert.Equal([1UL, 2, 3, 4, 5, 6], SyscallArguments);
        _registers.Cs = Code32;
        Assert.Equal([8UL, 7, 3, 2, 1, 9], SyscallArguments);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(4UL)]
    public void At_a_system_call_s_function_they_are_where_the_kernel_saved_them(ulong offset)
    {
        var regs = _guest.Allocate("pt_regs");
        var number = 100UL;
        foreach (var name in new[] { "di", "si", "dx", "r10", "r8", "r9" })
            _guest.Set(regs, "pt_regs", name, number++);
        _registers.Rip = FakeGuest.SysExecve + offset;
        _registers.Rdi = regs;
        Assert.Equal([100UL, 101, 102, 103, 104, 105], SyscallArguments);
    }

    [Fact]
    public void Saved_registers_that_are_not_there_are_a_fault()
    {
        _registers.Rip = FakeGuest.SysExecve;
        _registers.Rdi = 0xffff_9999_0000_0000;
        Assert.Throws<TranslationFaultException>(() => Os.SyscallArgument(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Os.SyscallArgument(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => Os.SyscallArgument(-1));
    }

    [Fact]
    public void A_function_s_first_six_arguments_are_in_registers_the_others_above_the_return_address()
    {
        var stack = _guest.Allocate(64);
        _registers.Rsp = stack;
        _guest.Write(stack + 8, 70UL);
        _guest.Write(stack + 16, 71UL);
        Assert.Equal([1UL, 2, 3, 7, 5, 6, 70, 71], Enumerable.Range(0, 8).Select(Os.FunctionArgument));
        Assert.Equal(10UL, Os.FunctionReturnValue());
        Assert.Null(Os.LastError());
        Assert.Throws<TranslationFaultException>(() => Os.FunctionArgument(int.MaxValue));
    }

    [Fact]
    public void Each_half_of_the_address_space_has_its_root()
    {
        Assert.Equal(_guest.Kernel.TranslationRoot, Os.TranslationRoot(new Va(FakeGuest.Image), null));
        Assert.Null(Os.TranslationRoot(new Va(0x1000), null));
        _registers.Cr3 = 0x3000;
        Assert.Equal(new Pa(0x3000), Os.TranslationRoot(new Va(0x1000), _registers));
        Assert.Equal(_guest.Kernel.TranslationRoot, Os.TranslationRoot(new Va(FakeGuest.Image), _registers));
    }
}
