using System.Globalization;
using Vmi.Amd64;

namespace Vmi.Hooks.Tests;

/// <summary>
/// Writes down the calls that change a VM, in their order, and fails those it is told to. It knows memory, and which frame stands for
/// which in a view; it executes nothing.
/// </summary>
internal sealed class ViewDriver : IVmiViews, IVmiSetProtection, IVmiControl, IVmiRead, IVmiWrite
{
    private readonly Dictionary<Gfn, byte[]> _frames = [];
    private ulong _next = 0x1000;
    private ushort _views;

    public ViewDriver(params ulong[] frames)
    {
        foreach (var frame in frames)
            _frames[new Gfn(frame)] = [.. Enumerable.Range(0, Frame.Size).Select(i => (byte)(i + (int)frame))];
    }

    public List<string> Calls { get; } = [];

    /// <summary>The beginning of the call that fails, once.</summary>
    public string? Failing { get; set; }

    public Dictionary<(View, Gfn), Gfn> Mapped { get; } = [];

    public HashSet<Gfn> Allocated { get; } = [];

    public string Name => "views";

    public Architecture Architecture => Amd64Architecture.Instance;

    public bool IsLive => true;

    public VmiInfo Info => throw new NotSupportedException();

    public View DefaultView => View.Default;

    public IReadOnlyList<PhysicalRange> MemoryMap => [];

    public byte this[Pa address]
    {
        get => _frames[address.Gfn][address.FrameOffset];
        set => _frames[address.Gfn][address.FrameOffset] = value;
    }

    public View CreateView(MemoryAccess defaultAccess)
    {
        Log($"create {defaultAccess}");
        return new View(++_views);
    }

    public void DestroyView(View view) => Log($"destroy {view}");

    public void SwitchToView(View view) => Log($"switch {view}");

    public void ChangeViewGfn(View view, Gfn oldGfn, Gfn newGfn)
    {
        Log($"change {view} {oldGfn} {newGfn}");
        Mapped[(view, oldGfn)] = newGfn;
    }

    public void ResetViewGfn(View view, Gfn gfn)
    {
        Log($"reset {view} {gfn}");
        Mapped.Remove((view, gfn));
    }

    public void SetMemoryAccess(ReadOnlySpan<Gfn> gfns, View view, MemoryAccess access, MemoryAccessOptions options) =>
        Log($"rights {view} {gfns[0]} {access}");

    public void Pause() => Log("pause");

    public void Resume() => Log("resume");

    public Gfn AllocateGfn()
    {
        Log("allocate");
        var gfn = new Gfn(_next++);
        _frames[gfn] = new byte[Frame.Size];
        Allocated.Add(gfn);
        return gfn;
    }

    public void AllocateGfn(Gfn gfn) => throw new NotSupportedException();

    public void FreeGfn(Gfn gfn)
    {
        Log($"free {gfn}");
        Allocated.Remove(gfn);
    }

    public void InjectInterrupt(VcpuId vcpu, VmiInterrupt interrupt) => throw new NotSupportedException();

    public void ResetState() => throw new NotSupportedException();

    public bool TryGetSpan(Pa address, int length, out ReadOnlySpan<byte> span)
    {
        span = default;
        return false;
    }

    public int Read(Pa address, Span<byte> destination)
    {
        if (!_frames.TryGetValue(address.Gfn, out var frame))
            return 0;
        frame.AsSpan(address.FrameOffset, destination.Length).CopyTo(destination);
        return destination.Length;
    }

    public void ReadMany(Span<PhysicalRead> reads) => throw new NotSupportedException();

    public VmiMappedPage? ReadPage(Gfn gfn) => throw new NotSupportedException();

    public int Write(Pa address, ReadOnlySpan<byte> source)
    {
        var what = source.Length == 1 ? Convert.ToHexStringLower(source) : source.Length.ToString(CultureInfo.InvariantCulture);
        Log($"write 0x{address.Value:x} {what}");
        source.CopyTo(_frames[address.Gfn].AsSpan(address.FrameOffset));
        return source.Length;
    }

    public void Dispose()
    {
    }

    private void Log(string call)
    {
        Calls.Add(call);
        if (Failing is { } failing && call.StartsWith(failing, StringComparison.Ordinal))
        {
            Failing = null;
            throw new VmiDriverException($"{call} fails");
        }
    }
}
