namespace Vmi.Dumps;

/// <summary>
/// The RAM of a migration stream as content: its blocks one after the other. A table says where in the file each page is; what was sent
/// last counts.
/// </summary>
internal sealed class RamPages : FileContent
{
    private const int ChunkShift = 9;            // 512 pages, 2 MiB
    private const int ChunkHeapBytes = (8 << ChunkShift) + 64;
    private const long Missing = 0, Zero = 1;    // no page is at either offset: there stands the stream's header

    private static readonly byte[] ZeroPage = new byte[Frame.Size];

    private readonly FileContent _file;
    private readonly Dictionary<long, long[]> _chunks = [];

    /// <summary>RAM of which no page was seen yet.</summary>
    public RamPages(FileContent file, VmiLimits limits)
    {
        _file = file;
        MostBytes = (long)(limits.TableBytes / ChunkHeapBytes) << (ChunkShift + Frame.Shift);
    }

    /// <summary>The file.</summary>
    public FileContent File => _file;

    /// <summary>The blocks, in the order in which the stream names them.</summary>
    public List<RamBlock> Blocks { get; } = [];

    /// <summary>The RAM for which the table stays within its limit.</summary>
    public long MostBytes { get; }

    /// <inheritdoc/>
    public override string Path => _file.Path;

    /// <inheritdoc/>
    public override long Length => Blocks.Count == 0 ? 0 : Blocks[^1].Start + Blocks[^1].Length;

    /// <inheritdoc/>
    public override string Wrapping => _file.Wrapping;

    /// <summary>Notes where a page is.</summary>
    public void Add(long offset, long fileOffset) => Set(offset, fileOffset);

    /// <summary>Notes that a page is all zeros.</summary>
    public void AddZero(long offset) => Set(offset, Zero);

    /// <summary>Whether a page was sent.</summary>
    public bool Has(long offset) => Find(offset) != Missing;

    /// <inheritdoc/>
    public override int Read(long offset, Span<byte> destination)
    {
        var done = 0;
        while (done < destination.Length && offset + done < Length)
        {
            var at = Find(offset + done);
            if (at == Missing)
                break;
            var inPage = (int)((offset + done) & (Frame.Size - 1));
            var part = destination.Slice(done, Math.Min(Frame.Size - inPage, destination.Length - done));
            if (at == Zero)
                part.Clear();
            else if (_file.Read(at + inPage, part) != part.Length)
                break;
            done += part.Length;
        }
        return done;
    }

    /// <summary>A frame as a window on the file, if that is mapped.</summary>
    public override VmiMappedPage? Page(Gfn gfn, long offset) => Find(offset) switch
    {
        Missing => null,
        Zero => new VmiMappedPage(gfn, ZeroPage),
        var at => _file.Page(gfn, at),
    };

    /// <inheritdoc/>
    public override void Dispose() => _file.Dispose();

    private long Find(long offset)
    {
        var page = offset >> Frame.Shift;
        return _chunks.TryGetValue(page >> ChunkShift, out var chunk) ? chunk[page & ((1 << ChunkShift) - 1)] : Missing;
    }

    private void Set(long offset, long value)
    {
        var page = offset >> Frame.Shift;
        if (!_chunks.TryGetValue(page >> ChunkShift, out var chunk))
        {
            chunk = new long[1 << ChunkShift];
            _chunks.Add(page >> ChunkShift, chunk);
        }
        chunk[page & ((1 << ChunkShift) - 1)] = value;
    }
}
