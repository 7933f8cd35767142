namespace Vmi.Qemu;

/// <summary>A virtual address at which the stub stops every vCPU, whatever its address space, and the roots that were asked for.</summary>
internal sealed class BreakpointSite(Va address, NativeBreakpointKind kind)
{
    public Va Address { get; } = address;

    public NativeBreakpointKind Kind { get; } = kind;

    public List<Pa> Roots { get; } = [];
}
