using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Vmi.Symbols;

/// <summary>
/// The format of a saved profile, all numbers little-endian: the magic, a version (4 bytes), four zero bytes, the length of the
/// content (8), its SHA-256 (32), the content. The content: where `_text` lay (8) and the lowest symbol, counted from it (8); then,
/// each after its length (4): banner, build id, the symbols' values (4 bytes each; bit 31: absolute, else counted from the lowest),
/// the compressed names and the tokens as in kallsyms, and the BTF.
/// </summary>
internal static class ProfileFile
{
    private const uint Version = 1;
    private const int HeaderLength = 56;
    private const int MaxTextLength = 4096;

    private static ReadOnlySpan<byte> Magic => "VMIPROF\0"u8;

    /// <summary>Whether a file begins as a saved profile does.</summary>
    public static bool IsMatch(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Magic);

    public static void Write(Profile profile, Stream stream)
    {
        var symbols = profile.Symbols;
        using var content = new MemoryStream();
        var numbers = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(numbers, symbols.TextBase.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(numbers.AsSpan(8), symbols.RelativeBase - symbols.TextBase);
        content.Write(numbers);
        WritePart(content, Encoding.UTF8.GetBytes(profile.Kernel.Banner));
        WritePart(content, Encoding.UTF8.GetBytes(profile.Kernel.BuildId ?? ""));
        WritePart(content, MemoryMarshal.AsBytes(symbols.Values.AsSpan()));
        WritePart(content, symbols.Names.Bytes);
        WritePart(content, symbols.Names.Tokens.Bytes);
        WritePart(content, profile.Types.Blob.Span);

        var bytes = content.GetBuffer().AsSpan(0, (int)content.Length);
        var header = new byte[HeaderLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), bytes.Length);
        SHA256.HashData(bytes, header.AsSpan(24));
        stream.Write(header);
        stream.Write(bytes);
    }

    public static Profile Read(Stream stream, VmiLimits limits)
    {
        var header = new byte[HeaderLength];
        if (stream.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength || !header.AsSpan().StartsWith(Magic))
            throw new VmiFormatException("This is not a kernel profile of Vmi.");
        if (BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8)) is var version && version != Version)
            throw new VmiFormatException($"This kernel profile has the format version {version}, known is {Version}: make it anew.");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(16));
        if (length > (ulong)limits.TableBytes)
            throw new VmiFormatException($"This kernel profile says it has {length} bytes; allowed are {limits.TableBytes}.");

        var content = ReadContent(stream, (int)length);
        if (content.Length != (int)length || BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12)) != 0
            || !SHA256.HashData(content).AsSpan().SequenceEqual(header.AsSpan(24)))
            throw Damaged();
        return Parse(content, limits);
    }

    private static Profile Parse(byte[] content, VmiLimits limits)
    {
        ReadOnlyMemory<byte> rest = content;
        var numbers = Take(ref rest, 16).Span;
        var textBase = new Va(BinaryPrimitives.ReadUInt64LittleEndian(numbers));
        var relativeBase = textBase + BinaryPrimitives.ReadUInt64LittleEndian(numbers[8..]);
        var banner = TakePart(ref rest).Span;
        var buildId = TakePart(ref rest).Span;
        var valueBytes = TakePart(ref rest).Span;
        var nameBytes = TakePart(ref rest).Span;
        var tokenBytes = TakePart(ref rest).Span;
        var btf = TakePart(ref rest);

        var count = valueBytes.Length / 4;
        if (!rest.IsEmpty || banner.Length > MaxTextLength || buildId.Length > MaxTextLength || count == 0 || valueBytes.Length % 4 != 0
            || count > limits.ListEntries
            || TokenTable.TryRead(tokenBytes) is not { } tokens || tokens.Bytes.Length != tokenBytes.Length
            || SymbolNames.TryRead(nameBytes, tokens, count) is not { } names || names.Bytes.Length != nameBytes.Length
            || SymbolTable.TryCreate(relativeBase, MemoryMarshal.Cast<byte, uint>(valueBytes).ToArray(), names) is not { } symbols
            || symbols.TextBase != textBase)
            throw Damaged();
        var kernel = new KernelIdentity(Encoding.UTF8.GetString(banner), buildId.IsEmpty ? null : Encoding.UTF8.GetString(buildId));
        // A copy, so that the rest of the file is not kept.
        return new Profile(BtfTypes.Parse(btf.ToArray(), limits), symbols, kernel);
    }

    /// <summary>Reads so many bytes, fewer at the stream's end; memory grows with what is there, not with what is claimed.</summary>
    private static byte[] ReadContent(Stream stream, int length)
    {
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        // One byte more than claimed, so that a longer stream shows.
        for (long wanted = length + 1L; wanted > 0;)
        {
            var count = stream.Read(buffer, 0, (int)Math.Min(wanted, buffer.Length));
            if (count == 0)
                break;
            content.Write(buffer, 0, count);
            wanted -= count;
        }

        return content.ToArray();
    }

    private static void WritePart(Stream stream, ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        stream.Write(length);
        stream.Write(bytes);
    }

    private static ReadOnlyMemory<byte> TakePart(ref ReadOnlyMemory<byte> rest) =>
        Take(ref rest, BinaryPrimitives.ReadUInt32LittleEndian(Take(ref rest, 4).Span));

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> rest, uint length)
    {
        if (length > (uint)rest.Length)
            throw Damaged();
        var taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }

    private static VmiFormatException Damaged() => new("This kernel profile is damaged: make it anew.");
}
