namespace Vmi.Amd64;

/// <summary>The kinds of events of an AMD64 vCPU. Touches of memory need none: they follow from the rights of frames.</summary>
public abstract record Amd64Monitor : VmiMonitor
{
    private Amd64Monitor()
    {
    }

    /// <summary>Writes to CR0.</summary>
    public sealed record Cr0 : Amd64Monitor;

    /// <summary>Writes to CR3.</summary>
    public sealed record Cr3 : Amd64Monitor;

    /// <summary>Writes to CR4.</summary>
    public sealed record Cr4 : Amd64Monitor;

    /// <summary>Writes to XCR0.</summary>
    public sealed record Xcr0 : Amd64Monitor;

    /// <summary>Writes to a model-specific register.</summary>
    /// <param name="Register">Which.</param>
    public sealed record Msr(global::Vmi.Amd64.Msr Register) : Amd64Monitor;

    /// <summary>An interrupt or exception.</summary>
    /// <param name="Vector">Which.</param>
    public sealed record Interrupt(ExceptionVector Vector) : Amd64Monitor;

    /// <summary>Single steps that an event's answer asked for.</summary>
    public sealed record Singlestep : Amd64Monitor;

    /// <summary>Debug exceptions (#DB) of the guest.</summary>
    public sealed record DebugException : Amd64Monitor;

    /// <summary>Calls of the guest to the hypervisor that are meant for the introspection.</summary>
    /// <param name="AllowUserspace">Whether user mode may make them.</param>
    public sealed record Hypercall(bool AllowUserspace = false) : Amd64Monitor;

    /// <summary>CPUID instructions.</summary>
    public sealed record CpuId : Amd64Monitor;

    /// <summary>I/O instructions.</summary>
    public sealed record Io : Amd64Monitor;

    /// <summary>Accesses to GDTR, IDTR, LDTR and TR.</summary>
    public sealed record DescriptorAccess : Amd64Monitor;
}
