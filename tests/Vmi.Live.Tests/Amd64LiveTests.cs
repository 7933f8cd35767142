using Vmi.Amd64;
using Vmi.Targets;

namespace Vmi.Live.Tests;

/// <summary>The CPU's own tables in each running guest: against the guest's kallsyms.</summary>
public sealed class Amd64LiveTests(GuestFleet fleet)
{
    public static TheoryData<string> Guests => GuestFleet.Names;

    [Theory]
    [MemberData(nameof(Guests))]
    public void The_gates_of_the_IDT_lead_to_the_handlers_that_the_guest_names(string name)
    {
        var guest = fleet[name];
        using var paused = guest.Guest.Pause();
        using var target = VmiTarget.Open(guest.Target);
        for (ushort vcpu = 0; vcpu < guest.Spec.Vcpus; vcpu++)
        {
            var registers = (Amd64Registers)target.Core.GetRegisters(new VcpuId(vcpu));
            var idt = Idt.Read(target.Core, registers);
            Assert.Equal(256, idt.Count);
            Assert.Equal(guest.Truth.KernelSymbol("asm_exc_page_fault"), idt[ExceptionVector.PageFault].Offset.Value);
            Assert.Equal(guest.Truth.KernelSymbol("asm_exc_int3"), idt[ExceptionVector.Breakpoint].Offset.Value);
            Assert.Equal(guest.Truth.KernelSymbol("asm_exc_general_protection"), idt[ExceptionVector.GeneralProtection].Offset.Value);
            Assert.Equal(3, idt[ExceptionVector.Breakpoint].Dpl);
            var gdt = DescriptorTable.ReadGdt(target.Core, registers);
            Assert.True(gdt.TryGet(registers.Tr.Selector, out var tss));
            Assert.Equal((registers.Tr.Base, registers.Tr.Limit), (tss.Segment.Base, tss.Segment.Limit));
            Assert.True(gdt.TryGet(registers.Cs.Selector, out var code));
            Assert.Equal(registers.Cs.Access, code.Segment.Access);
        }
    }
}
