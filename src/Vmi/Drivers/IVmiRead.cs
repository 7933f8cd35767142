namespace Vmi;

/// <summary>The ability to read guest physical memory. All of it may be called from any thread.</summary>
public interface IVmiRead : IVmiDriver
{
    /// <summary>The memory that exists, ascending and without overlap. Holes are left out.</summary>
    IReadOnlyList<PhysicalRange> MemoryMap { get; }

    /// <summary>
    /// Hands out mapped guest memory without copying it. False if the bytes are not there, not contiguous on the host, or if the
    /// driver does not map. The caller keeps the driver reachable while it uses the span, and copies the bytes of a live VM before
    /// it checks them.
    /// </summary>
    /// <remarks>By default the driver does not map.</remarks>
    bool TryGetSpan(Pa address, int length, out ReadOnlySpan<byte> span)
    {
        span = default;
        return false;
    }

    /// <summary>Copies memory and returns how many bytes there were before the first missing one (all of them: the span's length).</summary>
    /// <exception cref="VmiDriverException">The VM is gone. Memory that is not there is no error.</exception>
    int Read(Pa address, Span<byte> destination);

    /// <summary>Many reads in one call, each with its own result in <see cref="PhysicalRead.BytesRead"/>.</summary>
    /// <exception cref="VmiDriverException">The VM is gone. Memory that is not there is no error.</exception>
    /// <remarks>By default one read after the other.</remarks>
    void ReadMany(Span<PhysicalRead> reads)
    {
        foreach (ref var read in reads)
            read.BytesRead = Read(read.Address, read.Destination.Span);
    }

    /// <summary>One frame: mapped where the driver maps, else copied. Null if the frame, or a part of it, is not there.</summary>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    /// <remarks>By default a copy.</remarks>
    VmiMappedPage? ReadPage(Gfn gfn)
    {
        var copy = new byte[Frame.Size];
        return Read(gfn.Pa, copy) == copy.Length ? new VmiMappedPage(gfn, copy) : null;
    }
}
