namespace Vmi;

/// <summary>What else is true of an event.</summary>
[Flags]
public enum VmiEventFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The vCPU stands still until the event is answered.</summary>
    VcpuPaused = 1,
}
