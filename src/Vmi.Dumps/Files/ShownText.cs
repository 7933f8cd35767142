using System.Text;

namespace Vmi.Dumps;

/// <summary>Text out of a file, as it may be shown: in messages and names of drivers, which go to terminals.</summary>
internal static class ShownText
{
    private const int Longest = 255;

    /// <summary>The bytes as ASCII, at most 255 of them; `?` for each that does not print.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.Latin1.GetChars(bytes[..Math.Min(bytes.Length, Longest)].ToArray());
        for (var i = 0; i < text.Length; i++)
            text[i] = text[i] is >= ' ' and <= '~' ? text[i] : '?';
        return new string(text);
    }
}
