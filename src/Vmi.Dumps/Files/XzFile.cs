using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>
/// A file compressed with xz in blocks of moderate size, which the index at its end tells (`xz --block-size=1MiB`, `xz -T`; the xz file
/// format, version 1.1). Nothing is unpacked to find them.
/// </summary>
internal static class XzFile
{
    private const int LongestBlock = 32 << 20;        // `xz -T` makes blocks of 24 MiB
    private const int HeaderBytes = 12;               // of a stream; its footer has as many
    private const int LongestNumber = 9;
    private const int LongestPadding = 1 << 16;
    private const ulong Lzma2 = 0x21;

    private static readonly int[] CheckBytes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

    /// <summary>The first bytes of such a file.</summary>
    public static ReadOnlySpan<byte> Magic => [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0];

    /// <summary>Finds the blocks.</summary>
    /// <exception cref="VmiFormatException">It is in one piece, which can't be read at random; or truncated or corrupt.</exception>
    public static PackedContent Open(FileContent file, VmiLimits limits)
    {
        var blocks = new List<PackedBlock>();
        // From the last of the streams that follow each other to the first.
        for (var end = file.Length; end > 0;)
            end = ReadStream(file, SkipPadding(file, end), blocks, limits);
        blocks.Reverse();
        var content = 0L;
        for (var i = 0; i < blocks.Count; i++)
        {
            blocks[i] = blocks[i] with { Start = content };
            content += blocks[i].Length;
        }
        return new PackedContent(file, "xz-compressed ", blocks);
    }

    /// <summary>Adds a stream's blocks, the last first, and returns where the stream begins.</summary>
    private static long ReadStream(FileContent file, long end, List<PackedBlock> blocks, VmiLimits limits)
    {
        Span<byte> footer = stackalloc byte[HeaderBytes], header = stackalloc byte[HeaderBytes];
        if (end < 2 * HeaderBytes || file.Read(end - HeaderBytes, footer) != HeaderBytes || !footer[10..].SequenceEqual("YZ"u8)
            || BinaryPrimitives.ReadUInt32LittleEndian(footer) != Crc.Of32(footer[4..10]))
            throw Corrupt(file, end);
        var indexBytes = (BinaryPrimitives.ReadUInt32LittleEndian(footer[4..]) + 1L) * 4;
        var index = end - HeaderBytes - indexBytes;
        if (index < HeaderBytes)
            throw Corrupt(file, end);

        var sizes = ReadIndex(file, index, end - HeaderBytes, limits.TableBytes / PackedBlock.HeapBytes - blocks.Count);
        var at = index;
        var check = footer[9] & 15;
        for (var i = sizes.Count - 1; i >= 0; i--)
        {
            var (stored, length) = sizes[i];
            at -= (stored + 3) & ~3;
            if (at < HeaderBytes)
                throw Corrupt(file, end);
            // A block that is empty holds nothing that could be asked for.
            if (length != 0)
                blocks.Add(Block(file, at, stored, length, check));
        }
        at -= HeaderBytes;
        return file.Read(at, header) == HeaderBytes && header.StartsWith(Magic) && header[6..8].SequenceEqual(footer[8..10])
            ? at
            : throw Corrupt(file, at);
    }

    /// <summary>The sizes of a stream's blocks, stored and unpacked.</summary>
    private static List<(int Stored, int Length)> ReadIndex(FileContent file, long index, long end, long most)
    {
        var cursor = new StreamCursor(file, index);
        if (cursor.ReadByte() != 0)
            throw Corrupt(file, index);
        var count = ReadNumber(cursor);
        if (count > (ulong)most)
            throw new VmiFormatException($"{file.Path} has more than {most} xz blocks (VmiLimits.TableBytes).");
        var sizes = new List<(int, int)>();
        while (count-- > 0 && cursor.Position < end)
        {
            var stored = ReadNumber(cursor);
            var length = ReadNumber(cursor);
            if (length > LongestBlock)
            {
                throw new VmiFormatException(
                    $"{file.Path} is xz-compressed, not in blocks of at most {LongestBlock >> 20} MiB, so that it can't be read at random; "
                    + "unpack it first (xz -dk FILE), or pack it in blocks: xz -dc FILE | xz -T0 --block-size=1MiB > NEW.xz.");
            }
            // What can't be packed is stored in chunks of 64 KiB, each with 3 bytes before it.
            if (stored is 0 or > LongestBlock + (LongestBlock >> 8))
                throw Corrupt(file, index);
            sizes.Add(((int)stored, (int)length));
        }
        return sizes;
    }

    /// <summary>A block without its header, which must name LZMA2 and no other filter.</summary>
    private static PackedBlock Block(FileContent file, long at, int stored, int length, int check)
    {
        var cursor = new StreamCursor(file, at);
        var headerBytes = (cursor.ReadByte() + 1) * 4;
        var flags = cursor.ReadByte();
        for (var sizes = flags >> 6; sizes != 0; sizes &= sizes - 1)
            ReadNumber(cursor);
        if ((flags & 0x3f) != 0 || ReadNumber(cursor) != Lzma2)
            throw new VmiFormatException($"{file.Path} is xz-compressed with other filters than LZMA2; unpack it first: xz -dk FILE.");
        var (compression, unused) = check switch
        {
            1 => (Compression.Lzma2Crc32, 0),
            4 => (Compression.Lzma2Crc64, 0),
            _ => (Compression.Lzma2, CheckBytes[check]),
        };
        var data = stored - headerBytes - unused;
        if (data <= CheckBytes[check] - unused)
            throw Corrupt(file, at);
        // Before the check the data is filled up to a multiple of 4, which LZMA2, with its own end, does not mind.
        return new PackedBlock(0, length, at + headerBytes, (data + 3) & ~3, compression);
    }

    private static long SkipPadding(FileContent file, long end)
    {
        Span<byte> word = stackalloc byte[4];
        for (var skipped = 0; skipped < LongestPadding && end >= word.Length; skipped += word.Length, end -= word.Length)
        {
            if (file.Read(end - word.Length, word) != word.Length || word.ContainsAnyExcept((byte)0))
                break;
        }
        return end;
    }

    /// <summary>7 bits a byte, the lowest first; the last has its highest bit clear.</summary>
    private static ulong ReadNumber(StreamCursor cursor)
    {
        ulong number = 0;
        for (var i = 0; i < LongestNumber; i++)
        {
            var part = cursor.ReadByte();
            number |= (ulong)(part & 0x7f) << (7 * i);
            if ((part & 0x80) == 0)
                return number;
        }
        throw cursor.Corrupt("a number without end");
    }

    private static VmiFormatException Corrupt(FileContent file, long at) =>
        new($"{file.Path} is truncated or corrupt: before offset {at} is no whole stream of xz.");
}
