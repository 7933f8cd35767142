using System.Buffers.Binary;
using System.IO.Compression;
using SharpCompress.Compressors.LZMA;
using Snappier;
using ZstdSharp;

namespace Vmi.Dumps;

/// <summary>Unpacks single blocks whose size is known. Nothing that a block says of itself makes it take more memory than that.</summary>
internal static class Unpacker
{
    [ThreadStatic]
    private static Decompressor? t_zstd;

    /// <summary>Unpacks a block. False if it is corrupt, or is not of exactly the size of <paramref name="destination"/>.</summary>
    public static bool TryUnpack(Compression compression, byte[] packed, int length, Span<byte> destination)
    {
        var source = packed.AsSpan(0, length);
        switch (compression)
        {
            case Compression.None:
                return length == destination.Length && source.TryCopyTo(destination);
            case Compression.Zlib:
                return TryInflate(new ZLibStream(Source(), CompressionMode.Decompress), destination);
            case Compression.Gzip:
                return TryInflate(new GZipStream(Source(), CompressionMode.Decompress), destination);
            case Compression.Lzma2:
                return TryUnpackLzma2(Source(), length, destination);
            case Compression.Lzma2Crc32:
                return length >= sizeof(uint) && TryUnpackLzma2(Source(), length - sizeof(uint), destination)
                    && Crc.Of32(destination) == BinaryPrimitives.ReadUInt32LittleEndian(source[^sizeof(uint)..]);
            case Compression.Lzma2Crc64:
                return length >= sizeof(ulong) && TryUnpackLzma2(Source(), length - sizeof(ulong), destination)
                    && Crc.Of64(destination) == BinaryPrimitives.ReadUInt64LittleEndian(source[^sizeof(ulong)..]);
            case Compression.Snappy:
                return TryUnpackSnappy(source, destination);
            case Compression.Zstd:
                try
                {
                    return (t_zstd ??= new Decompressor()).TryUnwrap(source, destination, out var count) && count == destination.Length;
                }
                catch (ZstdException)
                {
                    return false;
                }
            default:
                return false;
        }

        MemoryStream Source() => new(packed, 0, length, writable: false);
    }

    private static bool TryInflate(Stream stream, Span<byte> destination)
    {
        using (stream)
        {
            try
            {
                return stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) == destination.Length
                    && stream.ReadByte() < 0;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }
    }

    private static bool TryUnpackLzma2(MemoryStream source, int length, Span<byte> destination)
    {
        try
        {
            // The dictionary is as large as what is unpacked, whatever the file says.
            byte[] properties = [DictionaryFor(destination.Length)];
            using var stream = LzmaStream.Create(properties, source, length, destination.Length, null, isLzma2: true);
            return stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) == destination.Length;
        }
        catch (Exception)
        {
            // The library fails in many ways on damaged data, none of them worse than an exception.
            return false;
        }
    }

    /// <summary>xz's code of the smallest dictionary that holds some bytes: 2 or 3 times a power of two.</summary>
    private static byte DictionaryFor(int bytes)
    {
        byte code = 0;
        while ((2L | (code & 1)) << (code / 2 + 11) < bytes)
            code++;
        return code;
    }

    private static bool TryUnpackSnappy(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        try
        {
            return Snappy.GetUncompressedLength(source) == destination.Length
                && Snappy.Decompress(source, destination) == destination.Length;
        }
        catch (Exception error) when (error is InvalidDataException or ArgumentException)
        {
            return false;
        }
    }
}
