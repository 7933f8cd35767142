namespace Vmi;

/// <summary>Something that happened on a vCPU. Drivers reuse one object a vCPU: it is valid until the handler returns.</summary>
public sealed class VmiEvent
{
    /// <summary>An event of a vCPU.</summary>
    public VmiEvent(VcpuId vcpu, Registers registers, VmiEventReason reason)
    {
        Vcpu = vcpu;
        Registers = registers;
        Reason = reason;
    }

    /// <summary>The vCPU it happened on.</summary>
    public VcpuId Vcpu { get; }

    /// <summary>Its registers, the driver's own buffer.</summary>
    public Registers Registers { get; set; }

    /// <summary>What happened.</summary>
    public VmiEventReason Reason { get; set; }

    /// <summary>The view the vCPU was in; null where the driver has none.</summary>
    public View? View { get; set; }

    /// <summary>What else is true of it.</summary>
    public VmiEventFlags Flags { get; set; }
}
