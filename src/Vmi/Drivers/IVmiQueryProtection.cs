namespace Vmi;

/// <summary>The ability to ask for the rights of frames.</summary>
public interface IVmiQueryProtection : IVmiDriver
{
    /// <summary>The rights of a frame in a view, with their options. A frame without an own entry has the view's default.</summary>
    /// <exception cref="VmiViewNotFoundException">There is no such view.</exception>
    (MemoryAccess Access, MemoryAccessOptions Options) GetMemoryAccess(Gfn gfn, View view);
}
