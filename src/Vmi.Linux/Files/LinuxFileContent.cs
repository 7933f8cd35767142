namespace Vmi.Linux;

/// <summary>
/// So much of a file's content as is in the guest's memory: its page cache (`inode.i_mapping`), as it was found. The pages are read when
/// they are asked for.
/// </summary>
public sealed class LinuxFileContent
{
    private const int CopyBytes = 1 << 20;

    private readonly VmiMemory _memory;
    private readonly List<PageRun> _pages = [];
    private readonly List<LinuxFileRange> _cached = [];
    private readonly List<LinuxFileRange> _missing = [];

    internal LinuxFileContent(KernelReader kernel, InodeRecord inode)
    {
        _memory = kernel.Memory;
        if (inode.Size > long.MaxValue)
        {
            Incomplete = $"its size, {inode.Size:N0} bytes, makes no sense";
            return;
        }

        Size = inode.Size;
        var found = new PageCacheReader(kernel).Read(inode, (Size + Frame.Size - 1) / Frame.Size);
        Incomplete = found.Incomplete;
        // What a file system that is in memory only has in no page was never written, and is zero; but then all pages must be known.
        var gapsAreZero = inode.IsInMemoryOnly && found.Incomplete is null;
        var end = 0UL;
        foreach (var run in found)
        {
            var range = new LinuxFileRange(run.Index * Frame.Size, Math.Min(run.Count * Frame.Size, Size - run.Index * Frame.Size));
            if (!gapsAreZero)
                Add(_missing, new LinuxFileRange(end, range.Offset - end));
            end = range.Offset + range.Length;
            Add(run.Address is null ? _missing : _cached, range);
            if (run.Address is not null)
                _pages.Add(run);
        }

        if (!gapsAreZero)
            Add(_missing, new LinuxFileRange(end, Size - end));
        CachedBytes = _cached.Aggregate(0UL, (sum, range) => sum + range.Length);
    }

    /// <summary>The file's size in bytes. Corresponds to `inode.i_size`.</summary>
    public ulong Size { get; }

    /// <summary>How many bytes are in memory.</summary>
    public ulong CachedBytes { get; }

    /// <summary>What is in memory, in the order of the file.</summary>
    public IReadOnlyList<LinuxFileRange> Cached => _cached;

    /// <summary>
    /// What is not: it was never read, or was dropped, or swapped out. Of a file that is in memory only (tmpfs, ramfs, memfd) a hole is not
    /// missing: it is zero.
    /// </summary>
    public IReadOnlyList<LinuxFileRange> Missing => _missing;

    /// <summary>What of the kernel's own records is broken or not there; null if nothing.</summary>
    public string? Incomplete { get; }

    /// <summary>Fills a buffer from the content. What is not there is zero.</summary>
    /// <param name="offset">The first byte's place in the file.</param>
    /// <param name="buffer">Where to.</param>
    /// <returns>Whether all of it was there, and before the file's end.</returns>
    public bool TryRead(ulong offset, Span<byte> buffer)
    {
        buffer.Clear();
        if (offset > Size || (ulong)buffer.Length > Size - offset)
            return false;
        var end = offset + (ulong)buffer.Length;
        using var operation = _memory.BeginOperation();
        var isWhole = !_missing.Exists(range => range.Offset < end && range.Offset + range.Length > offset);
        foreach (var run in _pages)
        {
            var (start, past) = (run.Index * Frame.Size, (run.Index + run.Count) * Frame.Size);
            if (start >= end || past <= offset)
                continue;
            var from = Math.Max(start, offset);
            var part = buffer[(int)(from - offset)..(int)(Math.Min(past, end) - offset)];
            isWhole &= _memory.TryRead(run.Address!.Value + (from - start), part, out _);
        }

        return isWhole;
    }

    /// <summary>
    /// Copies the content to the beginning of a stream, which gets the file's length. What is not in memory is not written: in a file that
    /// is new it is a hole, and reads as zeros.
    /// </summary>
    /// <param name="destination">A stream that can seek.</param>
    /// <param name="progress">Told after each piece how far it is.</param>
    /// <param name="cancellationToken">Ends it; heeded after each piece of at most 1 MiB.</param>
    /// <returns>
    /// What is missing in the copy: <see cref="Missing"/>, and the pages that the kernel has and the memory file lacks, in no order.
    /// </returns>
    /// <exception cref="IOException">The stream can't be written, or not be made that long.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IReadOnlyList<LinuxFileRange> CopyTo(
        Stream destination, Action<MemoryProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        destination.SetLength((long)Size);
        List<LinuxFileRange> missing = [.. _missing];
        var buffer = new byte[CopyBytes];
        var done = 0UL;
        using var operation = _memory.BeginOperation();
        foreach (var run in _pages)
        {
            var length = Math.Min(run.Count * Frame.Size, Size - run.Index * Frame.Size);
            for (ulong at = 0; at < length; at += CopyBytes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var piece = buffer.AsSpan(0, (int)Math.Min(CopyBytes, length - at));
                CopyPiece(destination, run.Address!.Value + at, run.Index * Frame.Size + at, piece, missing);
                progress?.Invoke(new MemoryProgress(done += (ulong)piece.Length, CachedBytes));
            }
        }

        return missing;
    }

    private void CopyPiece(Stream destination, Pa address, ulong offset, Span<byte> piece, List<LinuxFileRange> missing)
    {
        for (var at = 0; at < piece.Length;)
        {
            var part = piece[at..];
            // The bytes before the fault are there.
            var count = _memory.TryRead(address + (ulong)at, part, out var fault)
                ? part.Length : (int)Math.Min(fault.Address - (address + (ulong)at).Value, (ulong)part.Length);
            destination.Position = (long)offset + at;
            destination.Write(part[..count]);
            at += count;
            if (at == piece.Length)
                return;
            var lost = Math.Min(Frame.Size - (at & (Frame.Size - 1)), piece.Length - at);
            Add(missing, new LinuxFileRange(offset + (ulong)at, (ulong)lost));
            at += lost;
        }
    }

    private static void Add(List<LinuxFileRange> ranges, LinuxFileRange next)
    {
        if (next.Length == 0)
            return;
        if (ranges.Count > 0 && ranges[^1] is var last && last.Offset + last.Length == next.Offset)
            ranges[^1] = last with { Length = last.Length + next.Length };
        else
            ranges.Add(next);
    }
}
