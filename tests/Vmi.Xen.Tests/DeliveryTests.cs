using Vmi.Amd64;

namespace Vmi.Xen.Tests;

public sealed class DeliveryTests : IDisposable
{
    private const ulong Rip = 0xffffffff81000010;

    private readonly ScriptedRing _xen = new();
    private readonly FakeTarget _target = new();
    private readonly EventDelivery _delivery;

    public DeliveryTests() => _delivery = new EventDelivery(_xen.Ring, _xen, _target);

    public void Dispose() => _xen.Dispose();

    [Fact]
    public void An_event_has_its_reason_view_and_registers()
    {
        var request = Touch();
        request.Flags |= VmEventBits.AlternateP2m;
        request.View = 2;
        request.Registers.R15 = 15;
        request.Registers.Cr3 = 0x1000;
        var seen = 0;
        Deliver(request, vmiEvent =>
        {
            var reason = Assert.IsType<Amd64EventReason.MemoryAccess>(vmiEvent.Reason);
            Assert.Equal((new Pa(0x5008), new Va(0x7008), MemoryAccess.Write), (reason.Pa, reason.Va, reason.Access));
            Assert.Equal(MemoryAccessFlags.GlaValid | MemoryAccessFlags.FaultWithGla, reason.Flags);
            Assert.Equal(new View(2), vmiEvent.View);
            Assert.Equal(VmiEventFlags.VcpuPaused, vmiEvent.Flags);
            var registers = (Amd64Registers)vmiEvent.Registers;
            Assert.Equal((Rip, 15UL, 0x1000UL), (registers.Rip, registers.R15, registers[Amd64Register.Cr3]));
            seen++;
            return VmiEventResponse.Continue;
        });
        Assert.Equal(1, seen);
        Assert.Equal(VmEventBits.VcpuPaused, Answer().Flags);
        Assert.Equal(VmEvent.InterfaceVersion, Answer().Version);
        Assert.Empty(_target.Calls);
    }

    [Fact]
    public void Registers_that_the_ring_lacks_are_fetched_once_and_keep_what_was_changed()
    {
        _target.Record = new HvmCpu { TrSel = 0x40, MsrCstar = 5, Rax = 99, DsSel = 0x18 };
        Deliver(Touch(), vmiEvent =>
        {
            var registers = (Amd64Registers)vmiEvent.Registers;
            registers.Rax = 1;
            Assert.Equal(0x40, registers.Tr.Selector.Value);
            Assert.Equal(5UL, registers[Amd64Register.Cstar]);
            Assert.Equal(0x18, registers.Ds.Selector.Value);
            Assert.Equal(7UL, registers[Amd64Register.Xcr0]);
            Assert.Equal(1UL, registers.Rax);
            return VmiEventResponse.Continue;
        });
        Assert.Equal(["record 3", "Xcr0 3"], _target.Calls);
    }

    [Fact]
    public void A_handler_that_throws_has_its_event_answered()
    {
        _xen.Raise(Touch());
        Assert.Throws<InvalidOperationException>(() => _delivery.Deliver(_ => throw new InvalidOperationException()));
        Assert.Equal(VmEventBits.VcpuPaused, Answer().Flags);
        Assert.Equal(1, _xen.Bells);
    }

    [Fact]
    public void An_answer_that_can_not_be_has_its_event_answered()
    {
        Refuse<VmiViewNotFoundException>(Touch(), VmiEventResponse.Continue.WithView(new View(9)));
        Refuse<VmiNotSupportedException>(Touch(), VmiEventResponse.Deny);
        Refuse<VmiNotSupportedException>(Touch(), VmiEventResponse.ReinjectInterrupt);
        var write = Request(VmEventKind.WriteControlRegister);
        write.WriteControlRegister.Index = (uint)ControlRegister.Xcr0;
        Refuse<VmiNotSupportedException>(write, VmiEventResponse.Deny);
        Refuse<VmiNotSupportedException>(write, VmiEventResponse.Emulate);
    }

    [Fact]
    public void Events_that_nobody_asked_for_are_answered_and_not_delivered()
    {
        foreach (var kind in (uint[])[0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 4711])
        {
            _xen.Answers.Clear();
            _xen.Raise(Request((VmEventKind)kind));
            Assert.False(_delivery.Deliver(_ => throw new InvalidOperationException()));
            Assert.Equal((uint)VmEventBits.VcpuPaused, (uint)Answer().Flags & 1);
            Assert.Equal((VmEventKind)kind, Answer().Kind);
        }
    }

    [Fact]
    public void All_events_of_a_full_ring_are_answered_each_by_itself()
    {
        for (var i = 0u; i < EventRing.Capacity; i++)
            _xen.Raise(Touch() with { VcpuId = i });
        var left = 20;
        _xen.OnBell = () =>
        {
            if (left-- > 0)
                _xen.Raise(Touch() with { VcpuId = 100 });
        };
        var seen = new List<ushort>();
        Assert.True(_delivery.Deliver(vmiEvent =>
        {
            seen.Add(vmiEvent.Vcpu.Value);
            return VmiEventResponse.Continue;
        }));
        Assert.Equal(EventRing.Capacity + 20, seen.Count);
        Assert.Equal(seen.Count, _xen.Answers.Count);
        Assert.Equal(seen.Count, _xen.Bells);
    }

    [Fact]
    public void A_cpuid_instruction_is_finished_by_every_answer()
    {
        _target.Wanted.Add(VmEventKind.CpuId);
        var request = Request(VmEventKind.CpuId);
        request.CpuId = new VmEvent.CpuIdEvent { InstructionLength = 2, Leaf = 1, Subleaf = 5 };
        Deliver(request, vmiEvent =>
        {
            Assert.Equal(new Amd64EventReason.CpuId(1, 5, 2), vmiEvent.Reason);
            return VmiEventResponse.Continue;
        });
        Assert.Equal((Rip + 2, VmEventBits.VcpuPaused | VmEventBits.SetRegisters), (Answer().Registers.Rip, Answer().Flags));
        Deliver(request, vmiEvent =>
        {
            var registers = (Amd64Registers)vmiEvent.Registers;
            registers.Rbx = 0x13579bdf;
            return VmiEventResponse.Continue.WithRegisters(registers);
        });
        Assert.Equal((Rip + 2, 0x13579bdfUL), (Answer().Registers.Rip, Answer().Registers.Rbx));
        Deliver(request, vmiEvent =>
        {
            var registers = (Amd64Registers)vmiEvent.Registers;
            registers.Rip = 0x1234;
            return VmiEventResponse.Continue.WithRegisters(registers);
        });
        Assert.Equal(0x1234UL, Answer().Registers.Rip);
    }

    [Fact]
    public void A_step_is_one_step_unless_another_is_asked_for()
    {
        _target.Wanted.Add(VmEventKind.Singlestep);
        Deliver(Touch(), _ => VmiEventResponse.Singlestep);
        Assert.True(Answer().Flags.HasFlag(VmEventBits.ToggleSinglestep));
        // What happens before the step has ended leaves it under way.
        Deliver(Touch(), _ => VmiEventResponse.Continue);
        Assert.False(Answer().Flags.HasFlag(VmEventBits.ToggleSinglestep));
        Deliver(Request(VmEventKind.Singlestep), _ => VmiEventResponse.Singlestep);
        Assert.False(Answer().Flags.HasFlag(VmEventBits.ToggleSinglestep));
        Deliver(Request(VmEventKind.Singlestep), _ => VmiEventResponse.Continue);
        Assert.True(Answer().Flags.HasFlag(VmEventBits.ToggleSinglestep));
        // One that another tracer left, and one whose handler fails, end too.
        Deliver(Request(VmEventKind.Singlestep), _ => VmiEventResponse.Continue);
        Assert.True(Answer().Flags.HasFlag(VmEventBits.ToggleSinglestep));
        _xen.Raise(Request(VmEventKind.Singlestep));
        Assert.Throws<InvalidOperationException>(() => _delivery.Deliver(_ => throw new InvalidOperationException()));
        Assert.True(Answer().Flags.HasFlag(VmEventBits.ToggleSinglestep));
    }

    [Fact]
    public void A_fast_step_goes_to_the_view_and_back_to_the_events_own()
    {
        var request = Touch();
        request.Flags |= VmEventBits.AlternateP2m;
        request.View = 2;
        Deliver(request, _ => VmiEventResponse.FastSinglestep(View.Default));
        Assert.Equal(VmEventBits.VcpuPaused | VmEventBits.AlternateP2m | VmEventBits.FastSinglestep, Answer().Flags);
        Assert.Equal((0, 2), (Answer().View, Answer().FastSinglestepView));
        Assert.Equal(["steps"], _target.Calls);
    }

    [Fact]
    public void Registers_beyond_the_general_ones_are_written_by_themselves()
    {
        Deliver(Touch(), vmiEvent =>
        {
            var registers = (Amd64Registers)vmiEvent.Registers;
            registers.Rcx = 5;
            return VmiEventResponse.Continue.WithRegisters(registers);
        });
        Assert.Empty(_target.Calls);
        Assert.Equal((5UL, Rip), (Answer().Registers.Rcx, Answer().Registers.Rip));
        Deliver(Touch(), vmiEvent =>
        {
            var registers = (Amd64Registers)vmiEvent.Registers;
            registers[Amd64Register.Cr2] = 0x4000;
            return VmiEventResponse.Continue.WithRegisters(registers);
        });
        Assert.Equal(["write 3"], _target.Calls);
    }

    [Fact]
    public void An_intercepted_breakpoint_is_injected_before_the_answer()
    {
        _target.Wanted.Add(VmEventKind.SoftwareBreakpoint);
        var request = Request(VmEventKind.SoftwareBreakpoint);
        request.Debug = new VmEvent.DebugEvent { Gfn = 5, InstructionLength = 1, Type = (byte)InterruptType.SoftwareException };
        var bells = -1;
        _xen.OnBell = () => bells = _target.Calls.Count;
        Deliver(request, vmiEvent =>
        {
            Assert.True(vmiEvent.Reason.IsSoftwareBreakpoint);
            return VmiEventResponse.ReinjectInterrupt;
        });
        Assert.Equal(["inject 3 Breakpoint 0"], _target.Calls);
        Assert.Equal(1, bells);
    }

    [Fact]
    public void What_Xen_can_not_emulate_is_executed_with_the_rights_lifted_for_one_instruction()
    {
        Deliver(Touch(), _ => VmiEventResponse.Emulate);
        Assert.True(Answer().Flags.HasFlag(VmEventBits.Emulate));
        _target.Calls.Clear();
        _xen.Raise(Request(VmEventKind.EmulationUnimplemented));
        Assert.False(_delivery.Deliver(_ => throw new InvalidOperationException()));
        Assert.True(Answer().Flags.HasFlag(VmEventBits.ToggleSinglestep));
        _xen.Raise(Request(VmEventKind.Singlestep));
        Assert.False(_delivery.Deliver(_ => throw new InvalidOperationException()));
        Assert.True(Answer().Flags.HasFlag(VmEventBits.ToggleSinglestep));
        Assert.Equal(["steps", "lift 5", "unlift 5 1"], _target.Calls);
    }

    [Fact]
    public void An_event_in_steady_state_allocates_at_most_512_bytes()
    {
        const int events = 1000;
        VmiEventCallback answer = _ => VmiEventResponse.FastSinglestep(View.Default);
        Deliver(Touch(), answer);
        _xen.Answers.Capacity = 2 * events;
        _target.Calls.Capacity = 2 * events;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < events; i++)
        {
            _xen.Raise(Touch());
            _delivery.Deliver(answer);
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / events, 0, 512);
    }

    private static VmEvent Request(VmEventKind kind)
    {
        var request = new VmEvent
        {
            Version = VmEvent.InterfaceVersion,
            Flags = VmEventBits.VcpuPaused,
            Kind = kind,
            VcpuId = 3,
        };
        request.Registers.Rip = Rip;
        return request;
    }

    private static VmEvent Touch()
    {
        var request = Request(VmEventKind.MemoryAccess);
        request.MemoryAccess = new VmEvent.MemoryAccessEvent
        {
            Gfn = 5,
            Offset = 8,
            Gla = 0x7008,
            Flags = (uint)MemoryAccess.Write | VmEvent.MemoryAccessEvent.GlaValid | VmEvent.MemoryAccessEvent.FaultWithGla,
        };
        return request;
    }

    private void Deliver(in VmEvent request, VmiEventCallback callback)
    {
        _xen.Raise(request);
        Assert.True(_delivery.Deliver(callback));
    }

    private void Refuse<T>(in VmEvent request, VmiEventResponse response)
        where T : VmiException
    {
        _target.Wanted.Add(request.Kind);
        _xen.Answers.Clear();
        _xen.Raise(request);
        Assert.Throws<T>(() => _delivery.Deliver(_ => response));
        Assert.Equal(VmEventBits.VcpuPaused, Answer().Flags);
    }

    private VmEvent Answer() => _xen.Answers[^1];
}
