namespace Vmi.Hooks;

/// <summary>The hypervisor's own breakpoints.</summary>
internal sealed class NativeMechanism(INativeBreakpoints driver) : IBreakpointMechanism
{
    public void Insert(AddressContext address) => driver.InsertBreakpoint(address);

    public void Remove(AddressContext address) => driver.RemoveBreakpoint(address);

    // The driver passes over those of other roots.
    public bool IsHit(VmiEvent vmiEvent, AddressContext address) => true;

    public VmiEventResponse StepOver(VmiEvent vmiEvent) => VmiEventResponse.Continue;

    public VmiEventResponse PassOver(VmiEvent vmiEvent) => VmiEventResponse.Continue;

    public void Leave()
    {
    }
}
