using Vmi.Amd64;

namespace Vmi.Xen;

/// <summary>What Xen says has happened, in the core's terms.</summary>
internal static class EventReasons
{
    private static readonly Amd64Interrupt Int3 = Amd64Interrupt.Breakpoint();

    /// <summary>Null for what nobody can have asked for.</summary>
    public static Amd64EventReason? Of(in VmEvent request) => request.Kind switch
    {
        VmEventKind.MemoryAccess => OfMemory(request.MemoryAccess),
        VmEventKind.WriteControlRegister when request.WriteControlRegister.Index <= (uint)ControlRegister.Xcr0 =>
            new Amd64EventReason.WriteCr(
                (ControlRegister)request.WriteControlRegister.Index,
                request.WriteControlRegister.NewValue, request.WriteControlRegister.OldValue),
        VmEventKind.WriteMsr => new Amd64EventReason.WriteMsr(
            new Msr((uint)request.WriteMsr.Msr), request.WriteMsr.NewValue, request.WriteMsr.OldValue),
        VmEventKind.SoftwareBreakpoint => new Amd64EventReason.Interrupt(new Gfn(request.Debug.Gfn), OfBreakpoint(request.Debug)),
        VmEventKind.Singlestep => new Amd64EventReason.Singlestep(new Gfn(request.SinglestepGfn)),
        VmEventKind.GuestRequest => new Amd64EventReason.Hypercall(EventAnswers.HypercallBytes),
        VmEventKind.DebugException => new Amd64EventReason.DebugException(
            new Gfn(request.Debug.Gfn), new Dr6(request.Debug.Pending), (int)request.Debug.InstructionLength),
        VmEventKind.CpuId => new Amd64EventReason.CpuId(
            request.CpuId.Leaf, request.CpuId.Subleaf, (int)request.CpuId.InstructionLength),
        VmEventKind.DescriptorAccess when KindOf(request.DescriptorAccess.Descriptor) is { } kind =>
            new Amd64EventReason.DescriptorAccess(kind, request.DescriptorAccess.IsWrite != 0),
        VmEventKind.Io => new Amd64EventReason.Io(
            request.Io.Port, (int)request.Io.Bytes, request.Io.IsIn != 0 ? IoDirection.In : IoDirection.Out, request.Io.IsString != 0),
        _ => null,
    };

    /// <summary>What was intercepted, to deliver it to the guest after all; null if nothing was.</summary>
    public static Amd64Interrupt? Intercepted(in VmEvent request) => request.Kind switch
    {
        VmEventKind.SoftwareBreakpoint => OfBreakpoint(request.Debug),
        VmEventKind.DebugException => new Amd64Interrupt(
            ExceptionVector.Debug, (InterruptType)request.Debug.Type, InstructionLength: (int)request.Debug.InstructionLength),
        _ => null,
    };

    private static Amd64EventReason OfMemory(in VmEvent.MemoryAccessEvent touched)
    {
        var flags = MemoryAccessFlags.None;
        Va? address = null;
        if ((touched.Flags & VmEvent.MemoryAccessEvent.GlaValid) != 0)
        {
            flags |= MemoryAccessFlags.GlaValid;
            address = new Va(touched.Gla);
        }

        if ((touched.Flags & VmEvent.MemoryAccessEvent.FaultWithGla) != 0)
            flags |= MemoryAccessFlags.FaultWithGla;
        if ((touched.Flags & VmEvent.MemoryAccessEvent.FaultInGpt) != 0)
            flags |= MemoryAccessFlags.FaultInGpt;
        // The lowest three bits are those of the rights.
        var access = (MemoryAccess)(touched.Flags & (uint)MemoryAccess.ReadWriteExecute);
        return new Amd64EventReason.MemoryAccess(new Gfn(touched.Gfn).Pa + touched.Offset, address, access, flags);
    }

    private static Amd64Interrupt OfBreakpoint(in VmEvent.DebugEvent hit) =>
        hit is { Type: (byte)InterruptType.SoftwareException, InstructionLength: 1 }
            ? Int3
            : new Amd64Interrupt(
                ExceptionVector.Breakpoint, (InterruptType)hit.Type, InstructionLength: (int)hit.InstructionLength);

    // VM_EVENT_DESC_*
    private static DescriptorTableKind? KindOf(byte descriptor) => descriptor switch
    {
        1 => DescriptorTableKind.Idtr,
        2 => DescriptorTableKind.Gdtr,
        3 => DescriptorTableKind.Ldtr,
        4 => DescriptorTableKind.Tr,
        _ => null,
    };
}
