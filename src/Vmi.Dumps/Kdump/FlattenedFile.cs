using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>
/// The flattened form in which makedumpfile and QEMU write a file into a pipe: records, each with the offset at which its bytes belong.
/// The records are walked once; what stays in memory is where each piece of the content is.
/// </summary>
internal sealed class FlattenedFile : FileContent
{
    private const int HeaderBytes = 4096;        // MAX_SIZE_MDF_HEADER
    private const int RecordBytes = 16;          // offset, buf_size: big-endian
    private const long EndMark = -1;             // END_FLAG_FLAT_HEADER
    private const int HeapBytesOfRecord = 24;

    private readonly FileContent _file;
    private readonly RunTable _pieces;

    private FlattenedFile(FileContent file, RunTable pieces, long length)
    {
        _file = file;
        _pieces = pieces;
        Length = length;
    }

    /// <summary>The first bytes of such a file.</summary>
    public static ReadOnlySpan<byte> Magic => "makedumpfile\0"u8;

    /// <inheritdoc/>
    public override string Path => _file.Path;

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    public override string Wrapping => $"{_file.Wrapping}flattened ";

    /// <summary>Walks the records.</summary>
    /// <exception cref="VmiFormatException">The file is corrupt or truncated, or has too many records.</exception>
    public static FlattenedFile Open(FileContent file, VmiLimits limits)
    {
        CheckHeader(file);
        var records = new List<FileRun>();
        var end = 0L;
        Span<byte> record = stackalloc byte[RecordBytes];
        for (long at = HeaderBytes; ;)
        {
            if (file.Length - at < RecordBytes)
                throw new VmiFormatException($"{file.Path} is truncated: its flattened form has no end mark after record {records.Count}.");
            file.ReadAll(at, record);
            var offset = BinaryPrimitives.ReadInt64BigEndian(record);
            var length = BinaryPrimitives.ReadInt64BigEndian(record[8..]);
            if (offset == EndMark && length == EndMark)
                break;
            at += RecordBytes;
            if (offset < 0 || length <= 0 || !FileRun.IsSane((ulong)offset, (ulong)length))
            {
                throw new VmiFormatException(
                    $"{file.Path} is corrupt: record {records.Count} of its flattened form puts {length} bytes at offset {offset}.");
            }
            if (length > file.Length - at)
            {
                throw new VmiFormatException(
                    $"{file.Path} is truncated: record {records.Count} of its flattened form has {length} bytes, "
                    + $"{file.Length - at} are there.");
            }
            if (records.Count >= limits.TableBytes / HeapBytesOfRecord)
            {
                throw new VmiFormatException(
                    $"{file.Path} has more than {records.Count} records in its flattened form (VmiLimits.TableBytes); "
                    + "put it together first: makedumpfile -R NEW < FILE.");
            }
            records.Add(new FileRun((ulong)offset, (ulong)length, at));
            end = Math.Max(end, offset + length);
            at += length;
        }
        return new FlattenedFile(file, new RunTable(LastWins(records)), end);
    }

    /// <inheritdoc/>
    public override int Read(long offset, Span<byte> destination)
    {
        var done = 0;
        while (done < destination.Length && offset + done < Length)
        {
            if (!_pieces.TryFind((ulong)(offset + done), out var at, out var available))
            {
                // A piece that no record has is a hole, as in the file that makedumpfile -R would write.
                var hole = _pieces.NextStart((ulong)(offset + done)) - (ulong)(offset + done);
                var zeros = (int)Math.Min(hole, (ulong)(destination.Length - done));
                destination.Slice(done, zeros).Clear();
                done += zeros;
                continue;
            }
            var wanted = (int)Math.Min(available, (ulong)(destination.Length - done));
            var count = _file.Read(at, destination.Slice(done, wanted));
            done += count;
            if (count < wanted)
                break;
        }
        return done;
    }

    /// <inheritdoc/>
    public override void Dispose() => _file.Dispose();

    private static void CheckHeader(FileContent file)
    {
        Span<byte> header = stackalloc byte[32];
        if (file.Length < HeaderBytes || file.Read(0, header) != header.Length)
            throw new VmiFormatException($"{file.Path} is truncated: the header of its flattened form has {HeaderBytes} bytes.");
        var type = BinaryPrimitives.ReadInt64BigEndian(header[16..]);
        var version = BinaryPrimitives.ReadInt64BigEndian(header[24..]);
        if (type != 1 || version != 1)
        {
            throw new VmiFormatException(
                $"{file.Path} is in makedumpfile's flattened form of type {type}, version {version}; Vmi reads type 1, version 1.");
        }
    }

    /// <summary>
    /// Cuts records that overlap into pieces that do not: a later record overwrites an earlier one, as it would in the file that they
    /// are written into.
    /// </summary>
    private static List<FileRun> LastWins(List<FileRun> records)
    {
        var order = new int[records.Count];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(order, (left, right) => records[left].Start != records[right].Start
            ? records[left].Start.CompareTo(records[right].Start)
            : left.CompareTo(right));

        var pieces = new List<FileRun>(records.Count);
        // The records over the place reached, the latest first.
        var open = new PriorityQueue<int, int>();
        var place = 0UL;
        for (var next = 0; next < order.Length || open.Count > 0;)
        {
            while (open.TryPeek(out var past, out _) && records[past].End <= place)
                open.Dequeue();
            if (open.Count == 0)
            {
                if (next == order.Length)
                    break;
                place = records[order[next]].Start;
            }
            for (; next < order.Length && records[order[next]].Start <= place; next++)
                open.Enqueue(order[next], -order[next]);
            if (!open.TryPeek(out var latest, out _))
                continue;
            var end = next < order.Length ? Math.Min(records[latest].End, records[order[next]].Start) : records[latest].End;
            if (end <= place)
                continue;
            pieces.Add(new FileRun(place, end - place, records[latest].Offset + (long)(place - records[latest].Start)));
            place = end;
        }
        return pieces;
    }
}
