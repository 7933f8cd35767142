namespace Vmi;

/// <summary>The ability to show vCPUs different views of memory (altp2m, several EPTs).</summary>
public interface IVmiViews : IVmiDriver
{
    /// <summary>The view that every vCPU starts in.</summary>
    View DefaultView { get; }

    /// <summary>Makes a view whose frames all have the given rights.</summary>
    View CreateView(MemoryAccess defaultAccess);

    /// <summary>Removes a view.</summary>
    /// <exception cref="VmiViewNotFoundException">There is no such view.</exception>
    void DestroyView(View view);

    /// <summary>Puts all vCPUs into a view, now.</summary>
    /// <exception cref="VmiViewNotFoundException">There is no such view.</exception>
    void SwitchToView(View view);

    /// <summary>Lets a frame number mean another frame in a view.</summary>
    /// <exception cref="VmiViewNotFoundException">There is no such view.</exception>
    void ChangeViewGfn(View view, Gfn oldGfn, Gfn newGfn);

    /// <summary>Undoes <see cref="ChangeViewGfn"/>.</summary>
    /// <exception cref="VmiViewNotFoundException">There is no such view.</exception>
    void ResetViewGfn(View view, Gfn gfn);
}
