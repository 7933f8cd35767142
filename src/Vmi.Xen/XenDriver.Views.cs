namespace Vmi.Xen;

/// <content>The rights of frames, and views.</content>
public sealed partial class XenDriver
{
    /// <inheritdoc/>
    public View DefaultView => View.Default;

    /// <inheritdoc/>
    /// <exception cref="VmiDriverException">There is no such frame, or the domain is gone.</exception>
    public (MemoryAccess Access, MemoryAccessOptions Options) GetMemoryAccess(Gfn gfn, View view)
    {
        ThrowIfDisposed();
        lock (_control)
        {
            if (_attachment is not null)
                return _views.Get(gfn, view);
            // Xen knows rights only where there is a ring: without one they are not in force.
            if (view != View.Default)
                throw new VmiViewNotFoundException(view);
            return _domain.HasFrame(gfn.Value)
                ? (MemoryAccess.ReadWriteExecute, MemoryAccessOptions.None)
                : throw new VmiDriverException($"{Name} has no frame {gfn}.");
        }
    }

    /// <summary>Sets the rights of frames in a view. Touches that they forbid arrive as events from then on.</summary>
    /// <exception cref="VmiViewNotFoundException">There is no such view.</exception>
    /// <exception cref="VmiNotSupportedException">The CPU, or this version of Xen, has no such rights.</exception>
    /// <exception cref="VmiDriverException">Xen's pool for page tables is used up, or the domain is gone.</exception>
    public void SetMemoryAccess(ReadOnlySpan<Gfn> gfns, View view, MemoryAccess access, MemoryAccessOptions options)
    {
        ThrowIfDisposed();
        lock (_control)
        {
            _views.Require(view);
            Attach();
            _views.Set(gfns, view, access, options);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="VmiNotSupportedException">Alternate views are not enabled, in Xen or for the domain.</exception>
    public View CreateView(MemoryAccess defaultAccess)
    {
        ThrowIfDisposed();
        lock (_control)
        {
            Attach();
            return _views.Create(defaultAccess, () => MemoryMap);
        }
    }

    /// <inheritdoc/>
    public void DestroyView(View view)
    {
        ThrowIfDisposed();
        lock (_control)
            _views.Destroy(view);
    }

    /// <inheritdoc/>
    public void SwitchToView(View view)
    {
        ThrowIfDisposed();
        lock (_control)
            _views.Switch(view);
    }

    /// <summary>Lets a frame number mean another frame in a view; its rights there stay.</summary>
    /// <exception cref="VmiViewNotFoundException">There is no such view.</exception>
    /// <exception cref="VmiNotSupportedException">It is the default view.</exception>
    public void ChangeViewGfn(View view, Gfn oldGfn, Gfn newGfn)
    {
        ThrowIfDisposed();
        lock (_control)
            _views.Change(view, oldGfn, newGfn);
    }

    /// <inheritdoc/>
    public void ResetViewGfn(View view, Gfn gfn)
    {
        ThrowIfDisposed();
        lock (_control)
            _views.Reset(view, gfn);
    }
}
