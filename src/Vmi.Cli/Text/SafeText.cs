using System.Buffers;
using System.Globalization;
using System.Text;

namespace Vmi.Cli.Text;

/// <summary>Makes text of a guest harmless for a terminal.</summary>
internal static class SafeText
{
    /// <summary>
    /// The text on one line: control characters as `\n`, `\t` or `\xNN`, and what would reorder or hide text on a screen (bidi controls
    /// and other format characters, line separators, lone surrogates) as `\uNNNN`.
    /// </summary>
    public static string Escape(string text)
    {
        if (!NeedsEscape(text))
            return text;
        var safe = new StringBuilder(text.Length + 16);
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var consumed) != OperationStatus.Done)
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)rest[0]:x4}");
            else
                Append(safe, rune);
            rest = rest[consumed..];
        }

        return safe.ToString();
    }

    private static bool NeedsEscape(string text)
    {
        // All that is escaped lies outside of printable ASCII, which most names consist of.
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
            return false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsHarmful(rune) || rune == Rune.ReplacementChar)
                return true;
        }

        return false;
    }

    private static void Append(StringBuilder safe, Rune rune)
    {
        if (!IsHarmful(rune))
        {
            safe.Append(rune);
            return;
        }

        switch (rune.Value)
        {
            case '\n':
                safe.Append("\\n");
                break;
            case '\t':
                safe.Append("\\t");
                break;
            case < 0x80:
                safe.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
                break;
            default:
                safe.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
                break;
        }
    }

    private static bool IsHarmful(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
