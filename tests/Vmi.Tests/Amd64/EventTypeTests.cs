using Vmi.Amd64;

namespace Vmi.Tests.Cpu;

public sealed class EventTypeTests
{
    [Fact]
    public void Exactly_the_exceptions_that_push_an_error_code_have_one()
    {
        // Intel SDM volume 3, table 6-1, and AMD APM volume 2, table 8-1: #CP (21), #VC (29) and #SX (30) among them.
        int[] withCode = [8, 10, 11, 12, 13, 14, 17, 21, 29, 30];
        for (var vector = 0; vector < 256; vector++)
            Assert.Equal(withCode.Contains(vector), ((ExceptionVector)vector).HasErrorCode);
    }

    [Fact]
    public void An_exception_is_made_with_an_error_code_exactly_if_it_has_one()
    {
        Assert.Equal(0x18u, Amd64Interrupt.Exception(ExceptionVector.GeneralProtection, 0x18).ErrorCode);
        Assert.Null(Amd64Interrupt.Exception(ExceptionVector.InvalidOpcode).ErrorCode);
        Assert.Throws<ArgumentException>(() => Amd64Interrupt.Exception(ExceptionVector.GeneralProtection));
        Assert.Throws<ArgumentException>(() => Amd64Interrupt.Exception(ExceptionVector.InvalidOpcode, 0));
    }

    [Fact]
    public void A_page_fault_carries_its_address_and_error_code()
    {
        var fault = Amd64Interrupt.PageFault(new Va(0x1234), PageFaultErrorCode.User | PageFaultErrorCode.Write);
        Assert.Equal(
            (ExceptionVector.PageFault, InterruptType.HardwareException, 6u, new Va(0x1234)),
            (fault.Vector, fault.Type, fault.ErrorCode!.Value, fault.Cr2!.Value));
    }

    [Fact]
    public void Only_INT3_is_a_software_breakpoint()
    {
        Assert.True(new Amd64EventReason.Interrupt(null, Amd64Interrupt.Breakpoint()).IsSoftwareBreakpoint);
        Assert.False(new Amd64EventReason.Interrupt(null, Amd64Interrupt.Nmi).IsSoftwareBreakpoint);
        // INT 3 in its two-byte form is a software interrupt.
        var twoBytes = new Amd64Interrupt(ExceptionVector.Breakpoint, InterruptType.SoftwareInterrupt, InstructionLength: 2);
        Assert.False(new Amd64EventReason.Interrupt(null, twoBytes).IsSoftwareBreakpoint);
        Assert.False(new Amd64EventReason.Singlestep(null).IsSoftwareBreakpoint);
    }

    [Fact]
    public void Only_the_end_of_a_single_step_is_one()
    {
        Assert.True(new Amd64EventReason.Singlestep(null).IsSinglestep);
        Assert.False(new Amd64EventReason.DebugException(null, 0x4000, 0).IsSinglestep);
        Assert.False(new Amd64EventReason.Interrupt(null, Amd64Interrupt.Breakpoint()).IsSinglestep);
    }

    [Fact]
    public void Reasons_and_monitors_are_taken_apart_by_patterns()
    {
        VmiEventReason reason = new Amd64EventReason.WriteCr(ControlRegister.Cr3, 2, 1);
        Assert.True(reason is Amd64EventReason.WriteCr { Register: ControlRegister.Cr3, NewValue: 2, OldValue: 1 });
        VmiMonitor monitor = new Amd64Monitor.Msr(Msr.Lstar);
        Assert.True(monitor is Amd64Monitor.Msr { Register.Index: 0xc000_0082 });
        Assert.Equal(new Amd64Monitor.Cr3(), new Amd64Monitor.Cr3());
        Assert.NotEqual<VmiMonitor>(
            new Amd64Monitor.Interrupt(ExceptionVector.Breakpoint), new Amd64Monitor.Interrupt(ExceptionVector.Debug));
    }

    [Fact]
    public void A_known_MSR_has_its_name_and_another_its_number()
    {
        Assert.Equal("IA32_LSTAR", Msr.Lstar.ToString());
        Assert.Equal("IA32_KERNEL_GS_BASE", new Msr(0xc000_0102).Name);
        Assert.Null(new Msr(0x4b56_4d00).Name);
        Assert.Equal("MSR 0x4b564d00", new Msr(0x4b56_4d00).ToString());
    }
}
