using System.IO.Compression;
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
                return TryUnpackZlib(packed, length, destination);
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
    }

    private static bool TryUnpackZlib(byte[] packed, int length, Span<byte> destination)
    {
        try
        {
            using var stream = new ZLibStream(new MemoryStream(packed, 0, length, writable: false), CompressionMode.Decompress);
            return stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) == destination.Length
                && stream.ReadByte() < 0;
        }
        catch (InvalidDataException)
        {
            return false;
        }
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
