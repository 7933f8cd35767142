using Vmi.Amd64;

namespace Vmi.Xen;

/// <summary>Makes Xen's answer to an event out of a handler's.</summary>
/// <param name="target">The domain.</param>
internal sealed class EventAnswers(IEventTarget target)
{
    /// <summary>The bytes of VMCALL, and of VMMCALL.</summary>
    public const int HypercallBytes = 3;

    /// <summary>The answer that does nothing but let the vCPU go on; what the instruction began is finished.</summary>
    public static VmEvent Plain(in VmEvent request)
    {
        var answer = request;
        answer.Version = VmEvent.InterfaceVersion;
        answer.Flags = request.Flags & VmEventBits.VcpuPaused;
        switch (request.Kind)
        {
            case VmEventKind.CpuId:
                // Xen has put the results into the registers and leaves the rest of the instruction to us.
                answer.Registers.Rip += request.CpuId.InstructionLength;
                answer.Flags |= VmEventBits.SetRegisters;
                break;
            case VmEventKind.DescriptorAccess:
                // The instruction was not executed and would raise the event again.
                answer.Flags |= VmEventBits.Emulate;
                break;
        }

        return answer;
    }

    /// <summary>The answer that a handler gave.</summary>
    /// <exception cref="VmiNotSupportedException">The event can't be answered so.</exception>
    /// <exception cref="VmiViewNotFoundException">There is no such view.</exception>
    public VmEvent Of(in VmEvent request, EventVcpu vcpu, VmiEventResponse response)
    {
        var answer = Plain(request);
        if (response.View is { } view)
        {
            if (!target.HasView(view))
                throw new VmiViewNotFoundException(view);
            answer.Flags |= VmEventBits.AlternateP2m;
            answer.View = view.Value;
        }

        if (response.Registers is { } registers)
            SetRegisters(request, ref answer, vcpu, registers);
        switch (response.Action)
        {
            case VmiEventAction.Deny:
                RequireDeniable(request);
                answer.Flags |= VmEventBits.Deny;
                break;
            case VmiEventAction.ReinjectInterrupt:
                var interrupt = EventReasons.Intercepted(request)
                    ?? throw Refused("the delivery of an interrupt", request);
                target.Inject(request.VcpuId, interrupt, request.Debug.Pending);
                break;
            case VmiEventAction.Emulate:
                if (request.Kind is not (VmEventKind.MemoryAccess or VmEventKind.DescriptorAccess))
                    throw Refused("emulation", request);
                target.RequireEmulation();
                answer.Flags |= VmEventBits.Emulate;
                vcpu.Emulated = request.MemoryAccess.Gfn;
                break;
            case VmiEventAction.FastSinglestep:
                target.RequireSinglesteps();
                answer.Flags |= VmEventBits.FastSinglestep;
                // It takes the place of what happened: the view to come back to.
                answer.FastSinglestepView = (request.Flags & VmEventBits.AlternateP2m) != 0 ? request.View : View.Default.Value;
                vcpu.Steps = false;
                return answer;
            case VmiEventAction.Singlestep when !vcpu.Steps:
                target.RequireSinglesteps();
                answer.Flags |= VmEventBits.ToggleSinglestep;
                vcpu.Steps = true;
                return answer;
        }

        EndStep(request, ref answer, vcpu, response.Action == VmiEventAction.Singlestep);
        return answer;
    }

    /// <summary>
    /// The answer to an instruction that Xen can't emulate: the CPU executes it, where its rights are not in the way. In another view than
    /// the default one that is there; else the frame has all rights for the one instruction.
    /// </summary>
    public VmEvent CarryOut(in VmEvent request, EventVcpu vcpu)
    {
        var answer = Plain(request);
        target.RequireSinglesteps();
        if ((request.Flags & VmEventBits.AlternateP2m) != 0 && request.View != View.Default.Value)
        {
            answer.Flags |= VmEventBits.AlternateP2m | VmEventBits.FastSinglestep;
            answer.View = View.Default.Value;
            answer.FastSinglestepView = request.View;
            vcpu.Steps = false;
            return answer;
        }

        vcpu.Lifted = (vcpu.Emulated, target.Lift(vcpu.Emulated));
        if (!vcpu.Steps)
            answer.Flags |= VmEventBits.ToggleSinglestep;
        vcpu.Steps = true;
        return answer;
    }

    /// <summary>Xen steps on until it is told otherwise: a step that has ended is the last, unless another is wanted.</summary>
    public static void EndStep(in VmEvent request, ref VmEvent answer, EventVcpu vcpu, bool another)
    {
        if (request.Kind != VmEventKind.Singlestep || !vcpu.Steps || another)
            return;
        answer.Flags |= VmEventBits.ToggleSinglestep;
        vcpu.Steps = false;
    }

    private void SetRegisters(in VmEvent request, ref VmEvent answer, EventVcpu vcpu, Registers registers)
    {
        var wanted = registers as Amd64Registers ?? throw new ArgumentException("These are no registers of AMD64.", nameof(registers));
        // The ring takes the general registers only.
        foreach (var register in vcpu.Original(request).Differences(wanted))
        {
            if (Amd64Registers.GroupOf(register) != Amd64RegisterGroups.General)
            {
                target.WriteRegisters(request.VcpuId, wanted);
                break;
            }
        }

        Put(ref answer.Registers, wanted);
        // The instruction is done by these registers; a handler that has moved on has done so itself.
        if (wanted.Rip == request.Registers.Rip)
        {
            answer.Registers.Rip += request.Kind switch
            {
                VmEventKind.CpuId => request.CpuId.InstructionLength,
                VmEventKind.GuestRequest => HypercallBytes,
                _ => 0,
            };
        }

        answer.Flags |= VmEventBits.SetRegisters;
    }

    private void RequireDeniable(in VmEvent request)
    {
        if (request.Kind == VmEventKind.WriteMsr
            || request.Kind == VmEventKind.WriteControlRegister
            && request.WriteControlRegister.Index is (uint)ControlRegister.Cr0 or (uint)ControlRegister.Cr4)
            return;
        throw Refused("denial, which is for writes to CR0, CR4 and MSRs,", request);
    }

    private VmiNotSupportedException Refused(string action, in VmEvent request) =>
        new($"{action} in answer to an event of this kind ({request.Kind})", target.Name);

    private static void Put(ref VmEventRegisters values, Amd64Registers registers)
    {
        values.Rax = registers.Rax;
        values.Rcx = registers.Rcx;
        values.Rdx = registers.Rdx;
        values.Rbx = registers.Rbx;
        values.Rsp = registers.Rsp;
        values.Rbp = registers.Rbp;
        values.Rsi = registers.Rsi;
        values.Rdi = registers.Rdi;
        values.R8 = registers.R8;
        values.R9 = registers.R9;
        values.R10 = registers.R10;
        values.R11 = registers.R11;
        values.R12 = registers.R12;
        values.R13 = registers.R13;
        values.R14 = registers.R14;
        values.R15 = registers.R15;
        values.Rip = registers.Rip;
        values.Rflags = registers[Amd64Register.Rflags];
    }
}
