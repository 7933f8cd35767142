namespace Vmi.Hooks;

/// <summary>The hypervisor's own breakpoints.</summary>
internal sealed class NativeMechanism(INativeBreakpoints driver) : IBreakpointMechanism
{
    public void Insert(AddressContext address) => driver.InsertBreakpoint(address);

    public void Remove(AddressContext address) => driver.RemoveBreakpoint(address);

    public VmiEventResponse StepOver(VmiEvent vmiEvent) => VmiEventResponse.Continue;
}
