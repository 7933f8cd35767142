namespace Vmi;

/// <summary>The ability to take rights to frames from the guest, so that a touch raises an event.</summary>
public interface IVmiSetProtection : IVmiDriver
{
    /// <summary>Sets the rights of frames in a view.</summary>
    /// <exception cref="VmiViewNotFoundException">There is no such view.</exception>
    /// <exception cref="VmiNotSupportedException">The combination of rights and options is not to be had.</exception>
    void SetMemoryAccess(ReadOnlySpan<Gfn> gfns, View view, MemoryAccess access, MemoryAccessOptions options);
}
