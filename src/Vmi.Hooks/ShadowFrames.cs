namespace Vmi.Hooks;

/// <summary>
/// Breakpoint instructions in copies of frames, which take the originals' place in one view, where they can be executed and nothing
/// else: what reads the frame sees the original, by an event that is answered with one instruction in the default view.
/// </summary>
/// <remarks>
/// A breakpoint is one of physical memory: every process that executes the frame there hits it. What the guest writes to a frame
/// while it is shadowed (in the default view, as with reads) is not executed before the frame's last breakpoint is removed.
/// </remarks>
internal sealed class ShadowFrames
{
    private readonly Dictionary<Gfn, ShadowFrame> _frames = [];
    private readonly IVmiViews _views;
    private readonly IVmiSetProtection _rights;
    private readonly IVmiControl _control;
    private readonly IVmiRead _memory;
    private readonly IVmiWrite _writer;
    private View? _view;

    private ShadowFrames(IVmiViews views, IVmiSetProtection rights, IVmiControl control, IVmiRead memory, IVmiWrite writer) =>
        (_views, _rights, _control, _memory, _writer) = (views, rights, control, memory, writer);

    /// <summary>None yet, in a driver's VM; null if it lacks one of the abilities that are needed.</summary>
    public static ShadowFrames? For(IVmiDriver driver) =>
        driver is IVmiViews views && driver is IVmiSetProtection rights && driver is IVmiControl control
        && driver is IVmiRead memory && driver is IVmiWrite writer
            ? new ShadowFrames(views, rights, control, memory, writer)
            : null;

    /// <summary>The view that shows the originals.</summary>
    public View DefaultView => _views.DefaultView;

    /// <summary>Sets a breakpoint; one that is there is set once more. If it fails, all is as before.</summary>
    /// <exception cref="VmiNotSupportedException">There is no whole frame of memory.</exception>
    public void Insert(Pa address)
    {
        var (gfn, offset) = (address.Gfn, address.FrameOffset);
        if (_frames.TryGetValue(gfn, out var frame))
        {
            if (frame.Breakpoints.TryGetValue(offset, out var there))
                frame.Breakpoints[offset] = there with { Count = there.Count + 1 };
            else
                Plant(frame, offset);
            return;
        }

        // What the guest writes between the copy and its taking the original's place would be lost.
        _control.Pause();
        try
        {
            var view = _view ??= Enter();
            frame = Shadow(view, gfn);
            Attempt(() => Plant(frame, offset), () => Uncover(view, gfn), () => _control.FreeGfn(frame.Shadow));
            _frames.Add(gfn, frame);
        }
        finally
        {
            _control.Resume();
        }
    }

    /// <summary>Takes a breakpoint back, once. If it fails, it may be tried again.</summary>
    /// <returns>False if there is none.</returns>
    public bool Remove(Pa address)
    {
        var (gfn, offset) = (address.Gfn, address.FrameOffset);
        if (!_frames.TryGetValue(gfn, out var frame) || !frame.Breakpoints.TryGetValue(offset, out var there))
            return false;
        if (there.Count > 1)
        {
            frame.Breakpoints[offset] = there with { Count = there.Count - 1 };
            return true;
        }

        // A driver that has detached has freed the frame, with the view.
        if (_writer.Write(frame.Shadow.Pa + (ulong)offset, [there.Original]) != 1)
            throw new VmiViewNotFoundException(_view!.Value);
        if (frame.Breakpoints.Count == 1)
        {
            Uncover(_view!.Value, gfn);
            _frames.Remove(gfn);
            _control.FreeGfn(frame.Shadow);
        }

        frame.Breakpoints.Remove(offset);
        return true;
    }

    /// <summary>Whether a breakpoint instruction that was executed in a view is one of these.</summary>
    public bool Contains(View? view, Pa address) => view is not null && view == _view
        && _frames.TryGetValue(address.Gfn, out var frame) && frame.Breakpoints.ContainsKey(address.FrameOffset);

    /// <summary>Whether a touch of memory in a view was stopped because the frame can only be executed there.</summary>
    public bool Stopped(View? view, Pa address) => view is not null && view == _view && _frames.ContainsKey(address.Gfn);

    /// <summary>Puts all vCPUs back into the default view and removes this one, once no frame is shadowed any more.</summary>
    public void Leave()
    {
        if (_view is not { } view || _frames.Count > 0)
            return;
        _view = null;
        _views.SwitchToView(_views.DefaultView);
        _views.DestroyView(view);
    }

    private View Enter()
    {
        var view = _views.CreateView(MemoryAccess.ReadWriteExecute);
        Attempt(() => _views.SwitchToView(view), () => _views.DestroyView(view));
        return view;
    }

    /// <summary>Puts a copy in a frame's place.</summary>
    private ShadowFrame Shadow(View view, Gfn gfn)
    {
        var copy = new byte[Frame.Size];
        if (_memory.Read(gfn.Pa, copy) != copy.Length)
            throw new VmiNotSupportedException($"a breakpoint in frame {gfn}, which is not in memory", _views.Name);
        var shadow = _control.AllocateGfn();
        void Free() => _control.FreeGfn(shadow);
        Attempt(() => Write(shadow.Pa, copy), Free);
        Attempt(() => _views.ChangeViewGfn(view, gfn, shadow), Free);
        Attempt(
            () => _rights.SetMemoryAccess([gfn], view, MemoryAccess.Execute, MemoryAccessOptions.None),
            () => _views.ResetViewGfn(view, gfn), Free);
        return new ShadowFrame(shadow);
    }

    private void Uncover(View view, Gfn gfn)
    {
        _rights.SetMemoryAccess([gfn], view, MemoryAccess.ReadWriteExecute, MemoryAccessOptions.None);
        _views.ResetViewGfn(view, gfn);
    }

    private void Plant(ShadowFrame frame, int offset)
    {
        var at = frame.Shadow.Pa + (ulong)offset;
        Span<byte> original = stackalloc byte[1];
        if (_memory.Read(at, original) != 1)
            throw new VmiNotSupportedException($"reading the shadow frame {frame.Shadow}", _views.Name);
        Write(at, _views.Architecture.BreakpointInstruction);
        frame.Breakpoints.Add(offset, (original[0], 1));
    }

    private void Write(Pa address, ReadOnlySpan<byte> bytes)
    {
        if (_writer.Write(address, bytes) != bytes.Length)
            throw new VmiNotSupportedException($"writing the shadow frame {address.Gfn}", _views.Name);
    }

    /// <summary>Does something, and if it fails, undoes what was done before, as far as that succeeds; the first error is thrown.</summary>
    private static void Attempt(Action action, params ReadOnlySpan<Action> undo)
    {
        try
        {
            action();
        }
        catch
        {
            foreach (var each in undo)
            {
                try
                {
                    each();
                }
                catch (VmiException)
                {
                    // What it leaves is taken back with the view, when the driver detaches.
                }
            }

            throw;
        }
    }
}
