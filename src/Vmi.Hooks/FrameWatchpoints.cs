using System.Diagnostics.CodeAnalysis;
using Vmi.Amd64;

namespace Vmi.Hooks;

/// <summary>
/// Memory watched by the rights of its frames in a view of its own, where a driver has views and no watchpoints. An instruction that
/// touches such a frame is executed in the default view; if it is at the watched bytes, with an event behind it.
/// </summary>
/// <remarks>
/// What is watched is physical memory: a touch by another address of the same frame is one too. An instruction whose touch begins
/// before the watched bytes is known by the change it makes, so one that only reads from there is not seen.
/// </remarks>
internal sealed class FrameWatchpoints : IWatchpointMechanism
{
    // The longest operand: one of AVX-512.
    private const int LongestTouch = 64;

    private readonly Dictionary<Gfn, MemoryAccess> _frames = [];
    private readonly List<(Watchpoint Watchpoint, Pa Place)> _all = [];
    private readonly Dictionary<VcpuId, Touch> _touches = [];
    private readonly IVmiViews _views;
    private readonly IVmiSetProtection _rights;
    private readonly IVmiRead _memory;
    private readonly Func<AddressContext, Pa> _translate;
    private View? _view;

    private FrameWatchpoints(IVmiViews views, IVmiSetProtection rights, IVmiRead memory, Func<AddressContext, Pa> translate) =>
        (_views, _rights, _memory, _translate) = (views, rights, memory, translate);

    /// <summary>A touch that is under way.</summary>
    /// <param name="Watchpoint">Of what.</param>
    /// <param name="Place">Where that is.</param>
    /// <param name="Access">Read or written.</param>
    /// <param name="IsInside">Whether it begins at one of the bytes.</param>
    /// <param name="Before">The bytes before it.</param>
    private sealed record Touch(Watchpoint Watchpoint, Pa Place, MemoryAccess Access, bool IsInside, ulong? Before);

    /// <summary>Nothing is watched yet, in a driver's VM; null if it lacks one of the abilities that are needed.</summary>
    /// <param name="driver">The driver.</param>
    /// <param name="translate">Where an address lies in physical memory; throws if it is not mapped.</param>
    public static FrameWatchpoints? For(IVmiDriver driver, Func<AddressContext, Pa> translate) =>
        driver is IVmiViews views && driver is IVmiSetProtection rights && driver is IVmiRead memory
            ? new FrameWatchpoints(views, rights, memory, translate)
            : null;

    public void Insert(Watchpoint watchpoint)
    {
        var place = _translate(watchpoint.Address);
        var access = _frames.GetValueOrDefault(place.Gfn) | watchpoint.Access;
        // No page table forbids reads and allows writes.
        var left = (access & MemoryAccess.Read) != 0 ? MemoryAccess.Execute : MemoryAccess.ReadExecute;
        _rights.SetMemoryAccess([place.Gfn], _view ??= Enter(), left, MemoryAccessOptions.None);
        _frames[place.Gfn] = access;
        _all.Add((watchpoint, place));
    }

    public bool TryGetTouch(VmiEvent vmiEvent, [NotNullWhen(true)] out Watchpoint? watchpoint, out MemoryAccess access)
    {
        watchpoint = null;
        access = default;
        if (!vmiEvent.Reason.IsSinglestep || !_touches.TryGetValue(vmiEvent.Vcpu, out var touch)
            || !touch.IsInside && Read(touch.Watchpoint, touch.Place) == touch.Before)
            return false;
        (watchpoint, access) = (touch.Watchpoint, touch.Access);
        return true;
    }

    public VmiEventResponse Resume(VmiEvent vmiEvent)
    {
        if (vmiEvent.Reason.IsSinglestep && _touches.Remove(vmiEvent.Vcpu) && _view is { } view)
            return VmiEventResponse.Continue.WithView(view);
        if (vmiEvent.Reason is not Amd64EventReason.MemoryAccess { Pa: var begin, Access: var how }
            || vmiEvent.View is null || vmiEvent.View != _view || !_frames.ContainsKey(begin.Gfn))
            return VmiEventResponse.Continue;
        if (Find(begin, (how & MemoryAccess.Write) != 0 ? MemoryAccess.Write : MemoryAccess.Read) is not { } touch)
            return VmiEventResponse.FastSinglestep(_views.DefaultView);
        _touches[vmiEvent.Vcpu] = touch;
        return VmiEventResponse.Singlestep.WithView(_views.DefaultView);
    }

    public void Leave()
    {
        if (_view is not { } view)
            return;
        _view = null;
        _frames.Clear();
        _all.Clear();
        try
        {
            _views.SwitchToView(_views.DefaultView);
            _views.DestroyView(view);
        }
        catch (VmiViewNotFoundException)
        {
            // The driver has taken its views back, and with them all that was in them.
        }
    }

    /// <summary>What a touch that begins somewhere may be of.</summary>
    private Touch? Find(Pa begin, MemoryAccess access)
    {
        foreach (var (watchpoint, place) in _all)
        {
            if ((watchpoint.Access & access) == 0 || begin >= place + (ulong)watchpoint.Length || begin + LongestTouch <= place)
                continue;
            return new Touch(watchpoint, place, access, begin >= place, Read(watchpoint, place));
        }

        return null;
    }

    private ulong? Read(Watchpoint watchpoint, Pa place)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        return _memory.Read(place, bytes[..watchpoint.Length]) == watchpoint.Length ? BitConverter.ToUInt64(bytes) : null;
    }

    private View Enter()
    {
        var view = _views.CreateView(MemoryAccess.ReadWriteExecute);
        try
        {
            _views.SwitchToView(view);
        }
        catch
        {
            _views.DestroyView(view);
            throw;
        }

        return view;
    }
}
