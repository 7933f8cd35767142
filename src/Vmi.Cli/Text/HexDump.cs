using System.Globalization;

namespace Vmi.Cli.Text;

/// <summary>Bytes for people: 16 a line, with their address and as ASCII.</summary>
internal static class HexDump
{
    private const int BytesPerLine = 16;

    /// <summary>The lines of a dump.</summary>
    public static IEnumerable<string> Lines(ulong address, ReadOnlyMemory<byte> bytes)
    {
        for (var at = 0; at < bytes.Length; at += BytesPerLine)
            yield return Line(unchecked(address + (ulong)at), bytes.Span.Slice(at, Math.Min(BytesPerLine, bytes.Length - at)));
    }

    /// <summary>Bytes as ASCII, with a dot for what is none.</summary>
    public static string Text(ReadOnlySpan<byte> bytes) => string.Create(bytes.Length, bytes, static (text, bytes) =>
    {
        for (var i = 0; i < bytes.Length; i++)
            text[i] = bytes[i] is >= 0x20 and < 0x7f ? (char)bytes[i] : '.';
    });

    private static string Line(ulong address, ReadOnlySpan<byte> bytes)
    {
        Span<char> hex = stackalloc char[BytesPerLine * 3 + 1];
        hex.Fill(' ');
        for (var i = 0; i < bytes.Length; i++)
        {
            // A gap in the middle makes the columns easier to count.
            bytes[i].TryFormat(hex[(i * 3 + (i >= BytesPerLine / 2 ? 1 : 0))..], out _, "x2", CultureInfo.InvariantCulture);
        }

        return $"{address:x16}  {hex} |{Text(bytes)}|";
    }
}
