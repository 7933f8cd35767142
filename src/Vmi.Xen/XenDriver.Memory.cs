namespace Vmi.Xen;

/// <content>Memory.</content>
public sealed partial class XenDriver
{
    /// <summary>
    /// The memory that exists, as it was when first asked for, or when this driver last added or removed a frame. Frames beyond a hole
    /// count from the first at a multiple of 2 MiB on.
    /// </summary>
    public IReadOnlyList<PhysicalRange> MemoryMap
    {
        get
        {
            ThrowIfDisposed();
            return _map ??= MemoryMapReader.Read(_domain);
        }
    }

    /// <summary>False: a mapping may be displaced at any time, so only <see cref="ReadPage"/>, whose page holds it, hands it out.</summary>
    public bool TryGetSpan(Pa address, int length, out ReadOnlySpan<byte> span)
    {
        ThrowIfDisposed();
        span = default;
        return false;
    }

    /// <inheritdoc/>
    public int Read(Pa address, Span<byte> destination)
    {
        ThrowIfDisposed();
        return _memory.Read(address.Value, destination);
    }

    /// <inheritdoc/>
    public void ReadMany(Span<PhysicalRead> reads)
    {
        foreach (ref var read in reads)
            read.BytesRead = Read(read.Address, read.Destination.Span);
    }

    /// <summary>One frame, mapped without copying. Null if it is not there.</summary>
    /// <exception cref="VmiDriverException">The domain is gone.</exception>
    public VmiMappedPage? ReadPage(Gfn gfn)
    {
        ThrowIfDisposed();
        return _memory.Page(gfn.Value);
    }

    /// <summary>
    /// Writes memory, whatever rights the guest has to it, and returns how many bytes were written before a missing frame.
    /// </summary>
    /// <exception cref="VmiDriverException">The domain is gone.</exception>
    public int Write(Pa address, ReadOnlySpan<byte> source)
    {
        ThrowIfDisposed();
        return _memory.Write(address.Value, source);
    }
}
