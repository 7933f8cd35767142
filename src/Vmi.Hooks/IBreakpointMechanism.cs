namespace Vmi.Hooks;

/// <summary>How breakpoints get into a VM: by what its driver offers.</summary>
internal interface IBreakpointMechanism
{
    /// <summary>Sets one; the same address is never set twice.</summary>
    /// <exception cref="VmiNotSupportedException">None can be set there now.</exception>
    void Insert(AddressContext address);

    /// <summary>Removes one. That the driver has none there any more is no error.</summary>
    void Remove(AddressContext address);

    /// <summary>Whether a software breakpoint that was met at this virtual address is the one set there.</summary>
    bool IsHit(VmiEvent vmiEvent, AddressContext address);

    /// <summary>The answer that executes the instruction beneath a breakpoint, once and unseen.</summary>
    VmiEventResponse StepOver(VmiEvent vmiEvent);

    /// <summary>The answer to an event that is no hit: what the breakpoints themselves have caused goes on unseen.</summary>
    VmiEventResponse PassOver(VmiEvent vmiEvent);

    /// <summary>Takes back what is left when all breakpoints are removed.</summary>
    void Leave();
}
