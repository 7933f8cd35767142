namespace Vmi.Xen;

/// <summary>VM_EVENT_FLAG_*: what is true of an event, or asked for by its answer.</summary>
[Flags]
internal enum VmEventBits : uint
{
    None = 0,
    VcpuPaused = 1 << 0,
    Emulate = 1 << 2,
    ToggleSinglestep = 1 << 4,
    Deny = 1 << 6,
    AlternateP2m = 1 << 7,
    SetRegisters = 1 << 8,
    FastSinglestep = 1 << 11,
}
