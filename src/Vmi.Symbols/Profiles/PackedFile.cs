using System.IO.Compression;
using SharpCompress.Compressors.Xz;

namespace Vmi.Symbols;

/// <summary>Reads a file that may be packed by gzip or xz; how large it gets is bounded, whatever it says.</summary>
internal static class PackedFile
{
    private const int BlockLength = 1 << 16;

    private static ReadOnlySpan<byte> GzipMagic => [0x1f, 0x8b];

    private static ReadOnlySpan<byte> XzMagic => [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0];

    /// <summary>The unpacked content.</summary>
    /// <exception cref="VmiFormatException">It is damaged, or larger than allowed.</exception>
    public static byte[] ReadAll(Stream stream, int maxLength)
    {
        var bytes = Read(stream, maxLength);
        if (bytes.AsSpan().StartsWith(GzipMagic))
            return Unpack(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress), "gzip", maxLength);
        return bytes.AsSpan().StartsWith(XzMagic) ? Unpack(new XZStream(new MemoryStream(bytes)), "xz", maxLength) : bytes;
    }

    private static byte[] Unpack(Stream unpacking, string how, int maxLength)
    {
        using (unpacking)
        {
            try
            {
                return Read(unpacking, maxLength);
            }
            catch (Exception exception) when (exception is not VmiFormatException)
            {
                // The xz library fails in many ways on a damaged file, none of them worse than an exception.
                throw new VmiFormatException($"This {how} file is damaged: {exception.Message}", exception);
            }
        }
    }

    /// <summary>Memory grows with what is there, not with what is claimed.</summary>
    private static byte[] Read(Stream stream, int maxLength)
    {
        using var content = new MemoryStream();
        var block = new byte[BlockLength];
        while (stream.Read(block) is var count and > 0)
        {
            if (content.Length + count > maxLength)
                throw new VmiFormatException($"This file has more than the {maxLength} bytes that are allowed (unpacked).");
            content.Write(block, 0, count);
        }

        return content.ToArray();
    }
}
