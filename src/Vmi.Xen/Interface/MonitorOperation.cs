using System.Runtime.InteropServices;

namespace Vmi.Xen;

/// <summary>`struct xen_domctl` for the operations on monitors that libxenctrl has no function for.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct MonitorOperation
{
    public const int Size = 144;

    /// <summary>XEN_DOMCTL_monitor_op.</summary>
    public const uint MonitorCommand = 77;

    /// <summary>
    /// XEN_DOMCTL_MONITOR_OP_CONTROL_REGISTERS: writes to control registers and MSRs are held back until the event is answered, so that
    /// they can be denied. For good: it ends with the domain.
    /// </summary>
    public const uint HoldWrites = 4;

    [FieldOffset(0)]
    public uint Command;

    [FieldOffset(4)]
    public uint InterfaceVersion;

    [FieldOffset(8)]
    public ushort Domain;

    [FieldOffset(16)]
    public uint Operation;

    [FieldOffset(20)]
    public uint Event;
}
