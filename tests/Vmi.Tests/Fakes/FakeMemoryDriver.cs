using Vmi.Amd64;

namespace Vmi.Tests.Fakes;

/// <summary>A small machine in an array: for call order, counts and injected faults. Frames can be missing; reads are counted.</summary>
internal class FakeMemoryDriver(int frames, bool isLive = false, bool maps = false) : IVmiRead, IVmiWrite, IVmiControl
{
    private readonly byte[] _memory = new byte[frames * Frame.Size];
    private readonly HashSet<Gfn> _missing = [];
    private int _reads;

    public string Name => "fake";

    public Architecture Architecture => Amd64Architecture.Instance;

    public bool IsLive => isLive;

    public VmiInfo Info => new(new Gfn((ulong)frames - 1), 1);

    public List<string> Calls { get; } = [];

    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Runs once, between the copying of a frame and its return: what another thread does in that moment.</summary>
    public Action? AfterCopy { get; set; }

    public bool IsPaused { get; private set; }

    public Span<byte> Memory => _memory;

    public IReadOnlyList<PhysicalRange> MemoryMap => [new PhysicalRange(default, (ulong)_memory.Length)];

    public void Remove(Gfn gfn) => _missing.Add(gfn);

    public bool TryGetSpan(Pa address, int length, out ReadOnlySpan<byte> span)
    {
        span = default;
        if (!maps || Available(address, length) != length)
            return false;
        span = _memory.AsSpan((int)address.Value, length);
        return true;
    }

    public int Read(Pa address, Span<byte> destination)
    {
        Interlocked.Increment(ref _reads);
        var available = Available(address, destination.Length);
        _memory.AsSpan((int)Math.Min(address.Value, (ulong)_memory.Length), available).CopyTo(destination);
        var meanwhile = AfterCopy;
        AfterCopy = null;
        meanwhile?.Invoke();
        return available;
    }

    public int Write(Pa address, ReadOnlySpan<byte> source)
    {
        var available = Available(address, source.Length);
        source[..available].CopyTo(_memory.AsSpan((int)Math.Min(address.Value, (ulong)_memory.Length)));
        return available;
    }

    public void Pause()
    {
        Calls.Add("pause");
        IsPaused = true;
    }

    public void Resume()
    {
        Calls.Add("resume");
        IsPaused = false;
    }

    public Gfn AllocateGfn() => throw new VmiNotSupportedException("adding frames", Name);

    public void AllocateGfn(Gfn gfn) => throw new VmiNotSupportedException("adding frames", Name);

    public void FreeGfn(Gfn gfn) => throw new VmiNotSupportedException("adding frames", Name);

    public void InjectInterrupt(VcpuId vcpu, VmiInterrupt interrupt) => Calls.Add($"inject {interrupt}");

    public void ResetState() => Calls.Add("reset");

    public void Dispose()
    {
    }

    private int Available(Pa address, int length)
    {
        var done = 0;
        while (done < length)
        {
            var at = address + (ulong)done;
            if (at.Value >= (ulong)_memory.Length || _missing.Contains(at.Gfn))
                break;
            done += Math.Min(length - done, Frame.Size - at.FrameOffset);
        }

        return done;
    }
}
