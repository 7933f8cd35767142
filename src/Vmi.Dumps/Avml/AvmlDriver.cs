using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>
/// A compressed AVML file (version 2): ranges of physical memory, each behind a header like LiME's, in Snappy's framing format. It says
/// nothing of vCPUs or registers. What AVML writes without compression is a <see cref="LimeDriver">LiME file</see>.
/// </summary>
public sealed class AvmlDriver : MemoryFileDriver
{
    private const int TrailerBytes = 8;          // the bytes that the range's stream has

    private AvmlDriver(FileContent file, List<FileRun> runs) : base("AVML", file, runs, vcpus: 0)
    {
    }

    /// <summary>The first bytes of each header.</summary>
    internal static ReadOnlySpan<byte> Magic => "AVML"u8;

    /// <summary>Opens a compressed AVML file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The bounds; null for <see cref="VmiLimits.Default"/>.</param>
    /// <exception cref="VmiFormatException">It is none, or a truncated or corrupt one.</exception>
    /// <exception cref="VmiDriverException">It can't be opened.</exception>
    public static AvmlDriver Open(string path, VmiLimits? limits = null) =>
        MemoryFile.OpenUnpacked(path, limits, file => Open(file, limits ?? VmiLimits.Default));

    internal static AvmlDriver Open(FileContent file, VmiLimits limits)
    {
        var runs = new List<FileRun>();
        var blocks = new List<PackedBlock>();
        var content = 0L;
        Span<byte> header = stackalloc byte[RangeHeader.Bytes];
        for (long offset = 0; offset < file.Length;)
        {
            if (runs.Count >= limits.Segments)
                throw new VmiFormatException($"{file.Path} has more than {limits.Segments} AVML ranges (VmiLimits.Segments).");
            var count = file.Read(offset, header);
            if (count >= 4 && !header.StartsWith(Magic))
                throw offset == 0
                    ? new VmiFormatException($"{file.Path} is not a compressed AVML file.")
                    : new VmiFormatException($"{file.Path} is corrupt: no AVML header at offset {offset}, after range {runs.Count}.");
            if (count < RangeHeader.Bytes)
            {
                throw new VmiFormatException(
                    $"{file.Path} is truncated: {RangeHeader.Bytes - count} bytes of AVML header {runs.Count + 1} are missing.");
            }
            var run = RangeHeader.Parse(header, "AVML", 2, content, runs.Count + 1, file.Path);
            offset = Walk(file, offset + RangeHeader.Bytes, run, blocks, limits);
            runs.Add(run);
            content += (long)run.Length;
        }
        return new AvmlDriver(new PackedContent(file, file.Wrapping, blocks), runs);
    }

    /// <summary>Walks the chunks of one range and returns where the next header is.</summary>
    private static long Walk(FileContent file, long data, FileRun run, List<PackedBlock> blocks, VmiLimits limits)
    {
        var stream = new SnappyChunks(file, data);
        for (ulong done = 0; done < run.Length;)
        {
            if (blocks.Count >= limits.TableBytes / PackedBlock.HeapBytes)
                throw new VmiFormatException($"{file.Path} has more than {blocks.Count} Snappy chunks (VmiLimits.TableBytes).");
            stream.Next(run.Offset + (long)done, out var block);
            if ((ulong)block.Length > run.Length - done)
                throw new VmiFormatException($"{file.Path} is corrupt: the AVML range at 0x{run.Start:x} holds more than its header says.");
            blocks.Add(block);
            done += (ulong)block.Length;
        }

        Span<byte> trailer = stackalloc byte[TrailerBytes];
        if (file.Read(stream.Position, trailer) < TrailerBytes)
            throw new VmiFormatException($"{file.Path} is truncated: the AVML range at 0x{run.Start:x} has no trailer.");
        if (BinaryPrimitives.ReadInt64LittleEndian(trailer) != stream.Position - data)
        {
            throw new VmiFormatException(
                $"{file.Path} is corrupt: the AVML range at 0x{run.Start:x} has {stream.Position - data} bytes, not those of its trailer.");
        }
        return stream.Position + TrailerBytes;
    }
}
