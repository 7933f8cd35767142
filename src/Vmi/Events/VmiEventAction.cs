namespace Vmi;

/// <summary>What is to happen with a vCPU after an event; one thing only.</summary>
public enum VmiEventAction : byte
{
    /// <summary>It goes on.</summary>
    Continue,

    /// <summary>What it was about to do (a write to a control register or MSR) does not take place.</summary>
    Deny,

    /// <summary>The interrupt that the event intercepted is delivered to the guest.</summary>
    ReinjectInterrupt,

    /// <summary>It executes one instruction and then raises a single-step event; once.</summary>
    Singlestep,

    /// <summary>It executes one instruction in another view, and goes on in its own without an event.</summary>
    FastSinglestep,

    /// <summary>The hypervisor carries the instruction out, without regard to the rights that stopped it.</summary>
    Emulate,
}
