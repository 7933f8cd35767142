using System.Buffers.Binary;
using System.Text;

namespace Vmi.Symbols;

/// <summary>What tells one build of a kernel from another.</summary>
/// <param name="Banner">`linux_banner`, "Linux version ...", without the newline; empty if the image has none.</param>
/// <param name="BuildId">The GNU build id in lower-case hexadecimal digits; null if the image has none.</param>
public sealed record KernelIdentity(string Banner, string? BuildId)
{
    private const int MaxBannerLength = 512;
    private const int MaxNotesLength = 64 * 1024;
    private const uint NoteGnuBuildId = 3;

    internal static ReadOnlySpan<byte> BannerStart => "Linux version "u8;

    /// <summary>Reads the identity out of a kernel's image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="symbols">That kernel's symbols: `linux_banner`, `__start_notes` and `__stop_notes`.</param>
    public static KernelIdentity Read(KernelImage image, SymbolTable symbols)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(symbols);
        return new KernelIdentity(ReadBanner(image, symbols), ReadBuildId(image, symbols));
    }

    private static string ReadBanner(KernelImage image, SymbolTable symbols)
    {
        if (!symbols.TryGetAddress("linux_banner", out var address) || !image.Contains(address, 1))
            return "";
        var bytes = new byte[Math.Min(MaxBannerLength, image.End - address)];
        image.ReadZeroFilled(address, bytes);
        if (!bytes.AsSpan().StartsWith(BannerStart))
            return "";
        var length = bytes.AsSpan().IndexOfAnyInRange((byte)0, (byte)0x1f);
        return Encoding.UTF8.GetString(bytes, 0, length < 0 ? bytes.Length : length);
    }

    /// <summary>Goes through the ELF notes: sizes of name and content, a type, then both, each padded to 4 bytes.</summary>
    private static string? ReadBuildId(KernelImage image, SymbolTable symbols)
    {
        if (!symbols.TryGetAddress("__start_notes", out var start) || !symbols.TryGetAddress("__stop_notes", out var stop)
            || stop < start || image.TryRead(start, stop - start, MaxNotesLength) is not { } bytes)
            return null;
        ReadOnlySpan<byte> notes = bytes;
        while (notes.Length >= 12)
        {
            var nameLength = BinaryPrimitives.ReadUInt32LittleEndian(notes);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(notes[4..]);
            var type = BinaryPrimitives.ReadUInt32LittleEndian(notes[8..]);
            notes = notes[12..];
            var contentAt = ((long)nameLength + 3) & ~3;
            if (contentAt + length > notes.Length)
                return null;
            if (type == NoteGnuBuildId && notes[..(int)nameLength].SequenceEqual("GNU\0"u8))
                return Convert.ToHexStringLower(notes.Slice((int)contentAt, (int)length));
            notes = notes[(int)Math.Min(notes.Length, (contentAt + length + 3) & ~3)..];
        }

        return null;
    }
}
