using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>
/// A file compressed with `bgzip` (BGZF): gzip in members of at most 64 KiB, each of which says in an extra field how long it is. Nothing
/// is unpacked to find them.
/// </summary>
internal static class BgzfFile
{
    private const int HeaderBytes = 18;
    private const int EndBytes = 8;                   // CRC32 and size of what it holds
    private const int LongestContent = 1 << 16;

    /// <summary>The first bytes of such a file: gzip, deflate, with an extra field.</summary>
    public static ReadOnlySpan<byte> Magic => [0x1f, 0x8b, 8, 4];

    /// <summary>Finds the members; null if the first of them does not say how long it is.</summary>
    /// <exception cref="VmiFormatException">It is truncated or corrupt.</exception>
    public static PackedContent? Open(FileContent file, VmiLimits limits)
    {
        var members = new List<PackedBlock>();
        var content = 0L;
        Span<byte> header = stackalloc byte[HeaderBytes];
        Span<byte> end = stackalloc byte[sizeof(uint)];
        for (long at = 0; at < file.Length;)
        {
            if (file.Read(at, header) != HeaderBytes || !IsMember(header))
                return at == 0 ? null : throw Corrupt(file, at);
            var stored = BinaryPrimitives.ReadUInt16LittleEndian(header[16..]) + 1;
            if (stored < HeaderBytes + EndBytes || file.Read(at + stored - sizeof(uint), end) != sizeof(uint))
                throw Corrupt(file, at);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(end);
            if (length > LongestContent)
                throw Corrupt(file, at);
            if (members.Count >= limits.TableBytes / PackedBlock.HeapBytes)
                throw new VmiFormatException($"{file.Path} has more than {members.Count} gzip members (VmiLimits.TableBytes).");
            // The last one is empty.
            if (length != 0)
                members.Add(new PackedBlock(content, (int)length, at, stored, Compression.Gzip));
            content += length;
            at += stored;
        }
        return new PackedContent(file, "gzip-compressed ", members);
    }

    /// <summary>Whether the extra field has nothing but the member's length (`BC`, 2 bytes).</summary>
    private static bool IsMember(ReadOnlySpan<byte> header) => header.StartsWith(Magic)
        && BinaryPrimitives.ReadUInt16LittleEndian(header[10..]) == 6
        && header[12..16].SequenceEqual((ReadOnlySpan<byte>)[(byte)'B', (byte)'C', 2, 0]);

    private static VmiFormatException Corrupt(FileContent file, long at) =>
        new($"{file.Path} is truncated or corrupt: at offset {at} is no whole member of bgzip.");
}
