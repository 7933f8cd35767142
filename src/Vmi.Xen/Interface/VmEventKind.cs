namespace Vmi.Xen;

/// <summary>VM_EVENT_REASON_*: why an event was raised.</summary>
internal enum VmEventKind : uint
{
    MemoryAccess = 1,
    WriteControlRegister = 4,
    WriteMsr = 5,
    SoftwareBreakpoint = 6,
    Singlestep = 7,
    GuestRequest = 8,
    DebugException = 9,
    CpuId = 10,
    DescriptorAccess = 13,
    EmulationUnimplemented = 14,
    Io = 16,
}
