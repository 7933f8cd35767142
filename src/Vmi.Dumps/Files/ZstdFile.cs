using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>
/// A file compressed with zstd in frames of moderate size, each of which says how much it holds: the seekable format, and what is put
/// together from pieces. The frames are found by their headers and the 3 bytes before each block; nothing is unpacked for it.
/// </summary>
internal static class ZstdFile
{
    private const uint FrameMagic = 0xfd2fb528;
    private const uint SkippableMagic = 0x184d2a50;   // and the 15 numbers after it
    private const int LongestFrame = BlockCache.Bytes;
    private const int HeaderBytes = 18;               // at most: magic, descriptor, window, dictionary, content size

    /// <summary>The first bytes of such a file; it may begin with a skippable frame instead.</summary>
    public static ReadOnlySpan<byte> Magic => [0x28, 0xb5, 0x2f, 0xfd];

    /// <summary>Finds the frames.</summary>
    /// <exception cref="VmiFormatException">It is in one piece, which can't be read at random; or truncated or corrupt.</exception>
    public static PackedContent Open(FileContent file, VmiLimits limits)
    {
        var frames = new List<PackedBlock>();
        var content = 0L;
        Span<byte> header = stackalloc byte[HeaderBytes];
        for (long at = 0; at < file.Length;)
        {
            var count = file.Read(at, header);
            if (count < 8)
                throw Corrupt(file, at);
            var magic = BinaryPrimitives.ReadUInt32LittleEndian(header);
            if ((magic & ~15u) == SkippableMagic)
            {
                at += 8 + BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
                continue;
            }
            if (magic != FrameMagic)
                throw Corrupt(file, at);
            var length = ContentSize(header[..count], out var headerBytes);
            if (length is null or > LongestFrame)
            {
                throw new VmiFormatException(
                    $"{file.Path} is zstd-compressed, not in frames of at most {LongestFrame >> 20} MiB that say their size, so that it "
                    + "can't be read at random; unpack it first (zstd -dk FILE), or pack it in blocks: "
                    + "zstd -dc FILE | xz -T0 --block-size=1MiB > NEW.xz.");
            }
            if (frames.Count >= limits.TableBytes / PackedBlock.HeapBytes)
                throw new VmiFormatException($"{file.Path} has more than {frames.Count} zstd frames (VmiLimits.TableBytes).");
            var end = EndOf(file, at, at + headerBytes, (header[4] & 4) != 0);
            // A frame that is empty holds nothing that could be asked for.
            if (length != 0)
                frames.Add(new PackedBlock(content, (int)length, at, (int)(end - at), Compression.Zstd));
            content += (long)length;
            at = end;
        }
        return new PackedContent(file, "zstd-compressed ", frames);
    }

    /// <summary>What a frame holds, by its header (RFC 8878, 3.1.1.1); null if it does not say.</summary>
    private static ulong? ContentSize(ReadOnlySpan<byte> header, out int headerBytes)
    {
        var descriptor = header[4];
        var isSingleSegment = (descriptor & 0x20) != 0;
        headerBytes = 5 + (isSingleSegment ? 0 : 1) + ((descriptor & 3) switch { 3 => 4, var bytes => bytes });
        var sizeBytes = (descriptor >> 6) switch { 0 => isSingleSegment ? 1 : 0, 1 => 2, 2 => 4, _ => 8 };
        var size = headerBytes;
        headerBytes += sizeBytes;
        if (sizeBytes == 0 || header.Length < headerBytes)
            return null;
        return sizeBytes switch
        {
            1 => header[size],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(header[size..]) + 256UL,
            4 => BinaryPrimitives.ReadUInt32LittleEndian(header[size..]),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(header[size..]),
        };
    }

    /// <summary>Walks a frame's blocks to its end, which is at most twice what it may hold away.</summary>
    private static long EndOf(FileContent file, long frame, long at, bool hasChecksum)
    {
        Span<byte> block = stackalloc byte[3];
        for (var isLast = false; !isLast;)
        {
            if (file.Read(at, block) < block.Length)
                throw Corrupt(file, at);
            var header = block[0] | (block[1] << 8) | (block[2] << 16);
            isLast = (header & 1) != 0;
            at += 3 + (((header >> 1) & 3) == 1 ? 1 : header >> 3);
            if (at > file.Length || at - frame > LongestFrame * 2L)
                throw Corrupt(file, frame);
        }
        return at + (hasChecksum ? 4 : 0);
    }

    private static VmiFormatException Corrupt(FileContent file, long at) =>
        new($"{file.Path} is truncated or corrupt: at offset {at} is no whole zstd frame.");
}
