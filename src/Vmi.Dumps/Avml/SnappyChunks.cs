using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>Walks the chunks of a stream in Snappy's framing format (google/snappy, framing_format.txt) without unpacking them.</summary>
/// <param name="file">The file.</param>
/// <param name="position">Where the first chunk is.</param>
internal ref struct SnappyChunks(FileContent file, long position)
{
    private const int HeaderBytes = 4;           // chunk type, and the length of what follows in 3 bytes
    private const int ChecksumBytes = 4;
    private const int LongestChunk = 65536;      // unpacked
    private const int LongestLength = 5;         // a 32-bit number, 7 bits a byte

    /// <summary>Where the next chunk is.</summary>
    public long Position { get; private set; } = position;

    /// <summary>Goes on to the next chunk that has data.</summary>
    /// <param name="start">What <see cref="PackedBlock.Start"/> becomes.</param>
    /// <param name="block">The chunk's data.</param>
    /// <exception cref="VmiFormatException">There is none, or it is corrupt.</exception>
    public void Next(long start, out PackedBlock block)
    {
        Span<byte> head = stackalloc byte[HeaderBytes + ChecksumBytes + LongestLength];
        while (true)
        {
            var count = file.Read(Position, head);
            if (count < HeaderBytes)
                throw Truncated();
            var type = head[0];
            var length = (int)(BinaryPrimitives.ReadUInt32LittleEndian(head) >> 8);
            var data = Position + HeaderBytes;
            if (length > file.Length - data)
                throw Truncated();
            Position = data + length;
            switch (type)
            {
                case 0 or 1:
                    var stored = length - ChecksumBytes;
                    var unpacked = type == 1 ? stored : LengthOf(head[..count], HeaderBytes + ChecksumBytes);
                    if (stored <= 0 || unpacked is <= 0 or > LongestChunk)
                        throw Corrupt(data);
                    block = new PackedBlock(
                        start, unpacked, data + ChecksumBytes, stored, type == 1 ? Compression.None : Compression.Snappy);
                    return;
                case >= 0x80:
                    // The stream's identifier, padding, and chunks to be skipped by who does not know them.
                    continue;
                default:
                    throw Corrupt(data);
            }
        }
    }

    /// <summary>The length that a block of Snappy's raw format begins with; -1 if that is none.</summary>
    private static int LengthOf(ReadOnlySpan<byte> bytes, int at)
    {
        ulong length = 0;
        for (var i = 0; i < LongestLength && at + i < bytes.Length; i++)
        {
            length |= (ulong)(bytes[at + i] & 0x7f) << (7 * i);
            if (bytes[at + i] < 0x80)
                return length <= LongestChunk ? (int)length : -1;
        }
        return -1;
    }

    private readonly VmiFormatException Truncated() =>
        new($"{file.Path} is truncated: the Snappy chunk at offset {Position} is not all there.");

    private readonly VmiFormatException Corrupt(long data) =>
        new($"{file.Path} is corrupt: at offset {data - HeaderBytes} is no Snappy chunk.");
}
