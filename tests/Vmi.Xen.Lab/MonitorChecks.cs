using Vmi.Amd64;

namespace Vmi.Xen.Lab;

/// <summary>Each kind of event that needs no rights or views.</summary>
internal static class MonitorChecks
{
    private const byte Int3 = 0xcc;
    private const byte Int1 = 0xf1;
    private const byte Nop = 0x90;
    private const uint HypervisorLeaf = 0x40000000;

    public static void Run(Checks checks, Guest guest)
    {
        var session = guest.Session;
        checks.Check("a write to CR3 is seen", () =>
        {
            var write = One<Amd64EventReason.WriteCr>(guest, new Amd64Monitor.Cr3());
            Expect.Equal(ControlRegister.Cr3, write.Register, "the register");
            Expect.True(write.NewValue != write.OldValue && write.NewValue != 0, "the values differ");
        });
        checks.Check("a write to CR4 is seen, and its value", () =>
        {
            const ulong timeStampDisable = 4;
            var write = One<Amd64EventReason.WriteCr>(guest, new Amd64Monitor.Cr4());
            Expect.Equal(timeStampDisable, write.NewValue ^ write.OldValue, "the bit that changes");
        });
        checks.Check("a denied write to CR4 does not take place", () =>
        {
            var (reads, faults) = guest.Handle(() =>
            {
                session.MonitorEnable(new Amd64Monitor.Cr4());
                var reads = guest.TscReadCount;
                var faults = guest.TscFaultCount;
                return new Handler<(uint Reads, uint Faults)>((_, handler) =>
                {
                    if (guest.TscReadCount - reads >= 3)
                        handler.Finish((guest.TscReadCount - reads, guest.TscFaultCount - faults));
                    return VmiEventResponse.Deny;
                });
            });
            Expect.True(faults <= 1, $"of {reads} reads of the TSC, {faults} faulted");
            var before = guest.TscFaultCount;
            Guest.Until(() => guest.TscFaultCount - before >= 2, "undenied, they fault again");
        });
        checks.Check("a write to an MSR is seen", () =>
        {
            var write = One<Amd64EventReason.WriteMsr>(guest, new Amd64Monitor.Msr(Msr.FsBase));
            Expect.Equal(Msr.FsBase, write.Register, "the register");
        });
        checks.Check("CPUID is seen, and answered with other registers", () =>
        {
            guest.Handle(() =>
            {
                session.MonitorEnable(new Amd64Monitor.CpuId());
                return new Handler<bool>((vmi, handler) =>
                {
                    if (guest.CpuIdEbxValue == 0x13579bdf)
                        handler.Finish(true);
                    if (vmi.Event.Reason is not Amd64EventReason.CpuId { Leaf: HypervisorLeaf })
                        return VmiEventResponse.Continue;
                    var registers = (Amd64Registers)vmi.Event.Registers;
                    registers.Rbx = 0x13579bdf;
                    return VmiEventResponse.Continue.WithRegisters(registers);
                });
            });
            Guest.Until(() => guest.CpuIdEbxValue != 0x13579bdf, "unwatched, the guest sees its own again");
        });
        checks.Check("INT3 is seen before it is executed, and stepped over", () => StepOver(guest));
        checks.Check("INT3 that is nobody's is given to the guest", () =>
        {
            var before = guest.TrapCount;
            guest.Handle(() =>
            {
                session.MonitorEnable(new Amd64Monitor.Interrupt(ExceptionVector.Breakpoint));
                guest.Core.WriteByte(guest.CodePlace, Int3);
                return new Handler<bool>((_, handler) =>
                {
                    handler.Finish(true);
                    guest.Core.WriteByte(guest.CodePlace, Nop);
                    return VmiEventResponse.ReinjectInterrupt;
                });
            });
            Guest.Until(() => guest.TrapCount == before + 1, "the guest has its SIGTRAP");
        });
        checks.Check("a debug exception (INT1) is seen, and given to the guest", () =>
        {
            var before = guest.TrapCount;
            guest.Handle(() =>
            {
                session.MonitorEnable(new Amd64Monitor.DebugException());
                guest.Core.WriteByte(guest.CodePlace, Int1);
                return new Handler<bool>((vmi, handler) =>
                {
                    guest.Core.WriteByte(guest.CodePlace, Nop);
                    Expect.True(vmi.Event.Reason is Amd64EventReason.DebugException, $"the event is {vmi.Event.Reason}");
                    handler.Finish(true);
                    return VmiEventResponse.ReinjectInterrupt;
                });
            });
            Guest.Until(() => guest.TrapCount == before + 1, "the guest has its SIGTRAP");
        });
        checks.Check("an access to a descriptor table is seen", () =>
        {
            var access = One<Amd64EventReason.DescriptorAccess>(guest, new Amd64Monitor.DescriptorAccess());
            Expect.True(!access.IsWrite, "it is no write");
            guest.GoesOn();
        });
        checks.Check("a hypercall for the introspection is seen, and answered", () =>
        {
            guest.Handle(() =>
            {
                session.MonitorEnable(new Amd64Monitor.Hypercall(AllowUserspace: true));
                return new Handler<bool>((vmi, handler) =>
                {
                    if (guest.HypercallResult == 0x2468)
                        handler.Finish(true);
                    var registers = (Amd64Registers)vmi.Event.Registers;
                    registers.Rax = 0x2468;
                    return VmiEventResponse.Continue.WithRegisters(registers);
                });
            });
        });
        checks.Check("a monitor that Xen does not have is refused by name", () =>
        {
            Expect.Throws<VmiNotSupportedException>(
                () => session.MonitorEnable(new Amd64Monitor.Interrupt(ExceptionVector.PageFault)), "page faults");
            var refused = Expect.Throws<VmiNotSupportedException>(() => session.MonitorEnable(new Amd64Monitor.Io()), "I/O");
            Expect.True(refused.Message.Contains("I/O", StringComparison.Ordinal), refused.Message);
        });
        checks.Check("the guest goes on after all monitors", guest.GoesOn);
    }

    private static T One<T>(Guest guest, VmiMonitor monitor)
        where T : Amd64EventReason =>
        guest.Handle(() =>
        {
            guest.Session.MonitorEnable(monitor);
            return new Handler<T>((vmi, handler) =>
            {
                Expect.Equal(VmiEventFlags.VcpuPaused, vmi.Event.Flags, "the event's flags");
                handler.Finish(vmi.Event.Reason as T ?? throw new CheckException($"the event is {vmi.Event.Reason}"));
                return VmiEventResponse.Continue;
            });
        });

    private static void StepOver(Guest guest)
    {
        var traps = guest.TrapCount;
        var (hit, stepped) = guest.Handle(() =>
        {
            guest.Session.MonitorEnable(new Amd64Monitor.Interrupt(ExceptionVector.Breakpoint));
            guest.Session.MonitorEnable(new Amd64Monitor.Singlestep());
            guest.Core.WriteByte(guest.CodePlace, Int3);
            Va hit = default;
            return new Handler<(Va Hit, Va Stepped)>((vmi, handler) =>
            {
                if (vmi.Event.Reason.IsSinglestep)
                {
                    handler.Finish((hit, vmi.Event.Registers.InstructionPointer));
                    return VmiEventResponse.Continue;
                }

                Expect.True(vmi.Event.Reason is Amd64EventReason.Interrupt { Interrupted.InstructionLength: 1 }, $"{vmi.Event.Reason}");
                Expect.Equal(guest.Exercise.CodeGfn, ((Amd64EventReason.Interrupt)vmi.Event.Reason).Gfn!.Value, "the frame");
                hit = vmi.Event.Registers.InstructionPointer;
                Expect.Equal(Int3, vmi.ReadByte(hit), "the byte there");
                guest.Core.WriteByte(guest.CodePlace, Nop);
                return VmiEventResponse.Singlestep;
            });
        });
        Expect.Equal(guest.Exercise.Code + 8, hit, "the instruction hit");
        Expect.Equal(hit + 1, stepped, "the instruction after the step");
        guest.GoesOn();
        Expect.Equal(traps, guest.TrapCount, "the guest's SIGTRAPs");
    }
}
