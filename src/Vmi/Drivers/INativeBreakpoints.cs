namespace Vmi;

/// <summary>The ability to set breakpoints that the hypervisor itself keeps out of the guest's sight or undoes, where there are no views.</summary>
public interface INativeBreakpoints : IVmiDriver
{
    /// <summary>Sets a breakpoint at a virtual address; its hits arrive as software-breakpoint interrupts.</summary>
    /// <exception cref="VmiNotSupportedException">None can be set there now; the message says why.</exception>
    void InsertBreakpoint(AddressContext address);

    /// <summary>Removes a breakpoint.</summary>
    /// <returns>False if there was none.</returns>
    bool RemoveBreakpoint(AddressContext address);

    /// <summary>Whether a breakpoint of ours stands there.</summary>
    bool HasBreakpoint(AddressContext address);
}
