using System.Buffers.Binary;
using System.Numerics;

namespace Vmi.Dumps;

/// <summary>
/// Which frames a kdump file has, and the how-manieth each is. The bitmap stays in the file and is read through once; in memory there
/// is a count for each 4096 frames.
/// </summary>
internal sealed class PageBitmap
{
    private const int ChunkBytes = 512;          // of 4096 frames
    private const int ChunkShift = 12;

    private readonly FileContent _file;
    private readonly long _offset;
    private readonly ulong _frames;
    private readonly long[] _before;

    /// <summary>Reads the bitmap.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where the bitmap is.</param>
    /// <param name="frames">The frames it has a bit for.</param>
    /// <param name="limits">The bounds.</param>
    /// <exception cref="VmiFormatException">It is cut off, or has too many ranges.</exception>
    public PageBitmap(FileContent file, long offset, ulong frames, VmiLimits limits)
    {
        _file = file;
        _offset = offset;
        _frames = frames;
        _before = new long[(frames + (1UL << ChunkShift) - 1) >> ChunkShift];
        Span<byte> chunk = stackalloc byte[ChunkBytes];
        ulong? start = null;
        for (var i = 0; i < _before.Length; i++)
        {
            _before[i] = Count;
            ReadChunk(i, chunk);
            for (var word = 0; word < ChunkBytes; word += 8)
            {
                var bits = BinaryPrimitives.ReadUInt64LittleEndian(chunk[word..]);
                Count += BitOperations.PopCount(bits);
                AddRuns(bits, ((ulong)i << ChunkShift) + ((ulong)word * 8), ref start, limits);
            }
        }
        if (start is { } last)
            Add(last, frames, limits);
    }

    /// <summary>The frames in the file.</summary>
    public long Count { get; private set; }

    /// <summary>The same as runs of addresses, each of which is its own offset.</summary>
    public List<FileRun> Runs { get; } = [];

    /// <summary>The how-manieth frame of the file a frame is, counted from 0; -1 if it is not in the file.</summary>
    public long IndexOf(ulong frame)
    {
        if (frame >= _frames)
            return -1;
        var chunkNumber = (int)(frame >> ChunkShift);
        Span<byte> chunk = stackalloc byte[ChunkBytes];
        ReadChunk(chunkNumber, chunk);
        var bit = (int)(frame & ((1 << ChunkShift) - 1));
        if ((chunk[bit >> 3] & (1 << (bit & 7))) == 0)
            return -1;
        var index = _before[chunkNumber];
        for (var word = 0; word < bit >> 6; word++)
            index += BitOperations.PopCount(BinaryPrimitives.ReadUInt64LittleEndian(chunk[(word * 8)..]));
        var rest = BinaryPrimitives.ReadUInt64LittleEndian(chunk[((bit >> 6) * 8)..]);
        return index + BitOperations.PopCount(rest & ((1UL << (bit & 63)) - 1));
    }

    /// <summary>Reads the bits of 4096 frames; those from the end on are 0.</summary>
    private void ReadChunk(int number, Span<byte> chunk)
    {
        _file.ReadAll(_offset + ((long)number * ChunkBytes), chunk);
        var frames = _frames - ((ulong)number << ChunkShift);
        if (frames >= 1UL << ChunkShift)
            return;
        var whole = (int)(frames >> 3);
        chunk[whole] &= (byte)((1 << (int)(frames & 7)) - 1);
        chunk[(whole + 1)..].Clear();
    }

    private void AddRuns(ulong bits, ulong first, ref ulong? start, VmiLimits limits)
    {
        for (var at = 0; at < 64;)
        {
            var rest = start is null ? bits >> at : ~bits >> at;
            if (rest == 0)
                return;
            at += BitOperations.TrailingZeroCount(rest);
            if (start is { } begin)
            {
                Add(begin, first + (ulong)at, limits);
                start = null;
            }
            else
            {
                start = first + (ulong)at;
            }
        }
    }

    private void Add(ulong first, ulong end, VmiLimits limits)
    {
        if (Runs.Count >= limits.Segments)
            throw new VmiFormatException($"{_file.Path} has more than {limits.Segments} ranges of memory (VmiLimits.Segments).");
        Runs.Add(new FileRun(first * Frame.Size, (end - first) * Frame.Size, (long)(first * Frame.Size)));
    }
}
