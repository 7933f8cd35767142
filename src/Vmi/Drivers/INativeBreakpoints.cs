namespace Vmi;

/// <summary>
/// The ability to set breakpoints and watchpoints on virtual addresses that the hypervisor itself keeps out of the guest's sight, or
/// undoes, where there are no views. One that an address space of another root meets is passed over unseen.
/// </summary>
public interface INativeBreakpoints : IVmiDriver
{
    /// <summary>
    /// Sets a breakpoint at a virtual address below a root. Its hits arrive before the instruction is executed: as a software-breakpoint
    /// interrupt, or, of <see cref="NativeBreakpointKind.Hardware"/>, as a debug exception. An answer that leaves the instruction pointer
    /// where it is executes the instruction once. Setting the same again is no error, and changes nothing.
    /// </summary>
    /// <exception cref="VmiNotSupportedException">None can be set there now; the message says why.</exception>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    void InsertBreakpoint(AddressContext address, NativeBreakpointKind kind = NativeBreakpointKind.Software);

    /// <summary>Removes a breakpoint of either kind.</summary>
    /// <returns>False if there was none.</returns>
    bool RemoveBreakpoint(AddressContext address);

    /// <summary>Whether a breakpoint of ours, of either kind, stands there.</summary>
    bool HasBreakpoint(AddressContext address);

    /// <summary>
    /// Watches virtual memory below a root. A touch arrives as a memory-access event once the instruction has been executed.
    /// </summary>
    /// <param name="address">The first byte.</param>
    /// <param name="length">1, 2, 4 or 8 bytes, which <paramref name="address"/> is a multiple of.</param>
    /// <param name="access"><see cref="MemoryAccess.Read"/>, <see cref="MemoryAccess.Write"/> or both.</param>
    /// <exception cref="ArgumentException">The range or the access is none of these.</exception>
    /// <exception cref="VmiNotSupportedException">None can be set there now; the message says why.</exception>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    void InsertWatchpoint(AddressContext address, int length, MemoryAccess access);

    /// <summary>Removes what was set by the same three values.</summary>
    /// <returns>False if there was none.</returns>
    bool RemoveWatchpoint(AddressContext address, int length, MemoryAccess access);
}
