namespace Vmi.Xen;

/// <summary>XEN_DOMCTL_MONITOR_EVENT_*: the kinds of events that a hypervisor says it has, as the number of a bit.</summary>
internal enum MonitorKind
{
    WriteControlRegister = 0,
    WriteMsr = 1,
    Singlestep = 2,
    SoftwareBreakpoint = 3,
    GuestRequest = 4,
    DebugException = 5,
    CpuId = 6,
    DescriptorAccess = 9,
    EmulationUnimplemented = 10,
    Io = 13,
}
