namespace Vmi;

/// <summary>What a native breakpoint is made of.</summary>
public enum NativeBreakpointKind : byte
{
    /// <summary>A breakpoint instruction, or what the hypervisor has in its place; any number of them.</summary>
    Software,

    /// <summary>A debug register of the vCPUs, where the hypervisor uses them: few, and never in guest memory.</summary>
    Hardware,
}
