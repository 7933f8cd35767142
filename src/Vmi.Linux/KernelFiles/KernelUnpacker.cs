using System.Buffers.Binary;
using System.IO.Compression;
using K4os.Compression.LZ4;
using SharpCompress.Compressors.Xz;
using ZstdSharp;

namespace Vmi.Linux;

/// <summary>
/// Unpacks a kernel: a bzImage by its boot header (Documentation/arch/x86/boot.rst), whose payload any of the kernel's compressors packed,
/// or a vmlinux, packed or not. How large it gets is bounded, whatever it says.
/// </summary>
internal static class KernelUnpacker
{
    private const int Sector = 512, BlockLength = 1 << 16;
    private const int Setup = 0x1f1, Signature = 0x202, Version = 0x206, PayloadOffset = 0x248, PayloadLength = 0x24c, HeaderEnd = 0x250;
    private const int DefaultSetup = 4;
    private const int FirstWithPayload = 0x208;
    private const int SizeLength = 4; // behind all payloads but those of gzip, which has it by itself
    private const int LargestLz4Block = 8 << 20;

    /// <summary>The ELF file, and whatever follows it.</summary>
    /// <exception cref="VmiFormatException">It is no kernel, is damaged, or larger than allowed.</exception>
    public static byte[] Unpack(byte[] file, int maxLength)
    {
        if (file.Length < HeaderEnd || !file.AsSpan(Signature, 4).SequenceEqual("HdrS"u8))
            return Expand(file, file.AsSpan(), maxLength, isPayload: false);
        if (BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(Version)) < FirstWithPayload)
            throw new VmiFormatException("This boot image is older than Linux 2.6.24.");
        var setup = file[Setup] == 0 ? DefaultSetup : file[Setup];
        var start = (ulong)(setup + 1) * Sector + BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(PayloadOffset));
        var length = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(PayloadLength));
        return start + length <= (ulong)file.Length && length > SizeLength
            ? Expand(file, file.AsSpan((int)start, (int)length), maxLength, isPayload: true)
            : throw new VmiFormatException("This boot image is cut off before the end of the kernel in it.");
    }

    private static byte[] Expand(byte[] file, ReadOnlySpan<byte> packed, int maxLength, bool isPayload)
    {
        if (packed.StartsWith("\x7f"u8) && packed[1..].StartsWith("ELF"u8))
            return isPayload ? packed.ToArray() : file;
        if (packed.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
            return Inflate("gzip", new GZipStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress), maxLength);
        var content = isPayload ? packed[..^SizeLength] : packed;
        if (packed.StartsWith((ReadOnlySpan<byte>)[0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
            return Inflate("xz", new XZStream(new MemoryStream(content.ToArray())), maxLength);
        if (packed.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]))
            return Inflate("zstd", new DecompressionStream(new MemoryStream(content.ToArray())), maxLength);
        if (packed.StartsWith((ReadOnlySpan<byte>)[0x02, 0x21, 0x4c, 0x18]))
            return ExpandLz4(content[4..], maxLength);
        var how = packed.StartsWith("BZh"u8) ? "bzip2" : packed.StartsWith((ReadOnlySpan<byte>)[0x5d, 0, 0]) ? "lzma"
            : packed.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'L', (byte)'Z', (byte)'O']) ? "lzo" : null;
        throw new VmiFormatException(how is null
            ? "This is no kernel: neither a boot image (vmlinuz) nor an ELF file (vmlinux)."
            : $"This kernel is packed by {how}, which is not read: unpack it, or give the vmlinux.");
    }

    private static byte[] Inflate(string how, Stream unpacking, int maxLength)
    {
        using (unpacking)
        {
            try
            {
                using var content = new MemoryStream();
                var block = new byte[BlockLength];
                while (unpacking.Read(block) is var count and > 0)
                {
                    if (content.Length + count > maxLength)
                        throw TooLarge(maxLength);
                    content.Write(block, 0, count);
                }

                return content.ToArray();
            }
            catch (Exception exception) when (exception is not VmiFormatException)
            {
                // The libraries fail in many ways on a damaged file, none of them worse than an exception.
                throw new VmiFormatException($"This kernel, packed by {how}, is damaged: {exception.Message}", exception);
            }
        }
    }

    /// <summary>LZ4's older frame, which the kernel is packed in: blocks of up to 8 MiB, each with its packed size before it.</summary>
    private static byte[] ExpandLz4(ReadOnlySpan<byte> packed, int maxLength)
    {
        using var content = new MemoryStream();
        var block = new byte[LargestLz4Block];
        while (packed.Length > sizeof(uint))
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(packed);
            packed = packed[sizeof(uint)..];
            var count = length <= (uint)packed.Length ? LZ4Codec.Decode(packed[..(int)length], block) : -1;
            if (count < 0)
                throw new VmiFormatException("This kernel, packed by lz4, is damaged.");
            if (content.Length + count > maxLength)
                throw TooLarge(maxLength);
            content.Write(block, 0, count);
            packed = packed[(int)length..];
        }

        return content.ToArray();
    }

    private static VmiFormatException TooLarge(int maxLength) =>
        new($"This kernel has more than the {maxLength} bytes that are allowed (unpacked).");
}
