using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>
/// A memory file: guest physical memory as it was when the file was written. All of it may be called from any thread. Do not change
/// a file while it is open; one that another process has open for writing is read, not mapped, so that it may even be shortened:
/// what was cut off is then missing memory.
/// </summary>
public abstract class MemoryFileDriver : IVmiRead
{
    private readonly FileContent _file;
    private readonly RunTable _runs;
    private readonly VmiInfo _info;
    private volatile bool _closed;

    private protected MemoryFileDriver(string format, FileContent file, List<FileRun> runs, int vcpus)
    {
        _file = file;
        _runs = new RunTable(runs);
        _info = new VmiInfo(_runs.MaxGfn, vcpus);
        Name = $"{file.Wrapping}{format} {System.IO.Path.GetFileName(file.Path)}";
    }

    /// <summary>The format and the file's name: "LiME memory.lime".</summary>
    public string Name { get; }

    /// <summary>The path the file was opened by.</summary>
    public string Path => _file.Path;

    /// <summary>AMD64.</summary>
    public Architecture Architecture => Amd64Architecture.Instance;

    /// <summary>False: a file does not change.</summary>
    public bool IsLive => false;

    /// <summary>Whether the file is mapped; if not, it is read or unpacked, and <see cref="TryGetSpan"/> hands out nothing.</summary>
    public bool IsMapped => _file.IsMapped;

    /// <inheritdoc/>
    public VmiInfo Info
    {
        get
        {
            ThrowIfClosed();
            return _info;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<PhysicalRange> MemoryMap
    {
        get
        {
            ThrowIfClosed();
            return _runs.MemoryMap;
        }
    }

    /// <inheritdoc/>
    public bool TryGetSpan(Pa address, int length, out ReadOnlySpan<byte> span)
    {
        ThrowIfClosed();
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (_runs.TryFind(address.Value, out var offset, out var available) && available >= (ulong)length)
            return _file.TryGetSpan(offset, length, out span);
        span = default;
        return false;
    }

    /// <inheritdoc/>
    public int Read(Pa address, Span<byte> destination)
    {
        ThrowIfClosed();
        var done = 0;
        while (done < destination.Length && _runs.TryFind(address.Value + (ulong)done, out var offset, out var available))
        {
            var wanted = (int)Math.Min(available, (ulong)(destination.Length - done));
            var count = _file.Read(offset, destination.Slice(done, wanted));
            done += count;
            if (count < wanted)
                break;
        }
        return done;
    }

    /// <inheritdoc/>
    public void ReadMany(Span<PhysicalRead> reads)
    {
        foreach (ref var read in reads)
            read.BytesRead = Read(read.Address, read.Destination.Span);
    }

    /// <inheritdoc/>
    public VmiMappedPage? ReadPage(Gfn gfn)
    {
        ThrowIfClosed();
        if (gfn.Value >= FileRun.AddressLimit >> Frame.Shift)
            return null;
        if (_runs.TryFind(gfn.Pa.Value, out var offset, out var available) && available >= Frame.Size
            && _file.Page(gfn, offset) is { } page)
            return page;
        var copy = new byte[Frame.Size];
        return Read(gfn.Pa, copy) == Frame.Size ? new VmiMappedPage(gfn, copy) : null;
    }

    /// <summary>Closes the driver. Later calls throw; spans and pages handed out stay valid as long as they are referred to.</summary>
    public void Dispose()
    {
        _closed = true;
        _file.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_closed, this);
}
