using System.Buffers;
using System.Globalization;
using System.Text;

namespace Vmi.Linux;

/// <summary>How values are written: the forms of strace(1).</summary>
internal static class TextWriting
{
    private const string NotThere = " /* not in memory */";
    private const string RestNotThere = " /* the rest is not in memory */";
    private const string More = "...";

    public static StringBuilder AppendNumber(this StringBuilder text, long value) => text.Append(CultureInfo.InvariantCulture, $"{value}");

    public static StringBuilder AppendNumber(this StringBuilder text, ulong value) => text.Append(CultureInfo.InvariantCulture, $"{value}");

    /// <summary>`0`, `0x1f`.</summary>
    public static StringBuilder AppendHex(this StringBuilder text, ulong value) =>
        value == 0 ? text.Append('0') : text.Append(CultureInfo.InvariantCulture, $"0x{value:x}");

    /// <summary>In quotes, with C's escapes; bytes that are no text in octal.</summary>
    public static StringBuilder AppendQuoted(this StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        text.Append('"');
        while (!bytes.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(bytes, out var rune, out var length);
            var next = bytes[length..];
            if (status != OperationStatus.Done || Rune.IsControl(rune))
            {
                for (var i = 0; i < length; i++)
                    AppendEscaped(text, bytes[i], i + 1 < bytes.Length ? bytes[i + 1] : (byte)0);
            }
            else
            {
                if (rune.Value is '"' or '\\')
                    text.Append('\\');
                text.Append(rune);
            }

            bytes = next;
        }

        return text.Append('"');
    }

    /// <summary>What was read of a string or buffer, in quotes.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="address">Where it lies.</param>
    /// <param name="bytes">What was read.</param>
    /// <param name="end">Whether that is all.</param>
    public static void AppendQuoted(this StringBuilder text, ulong address, ReadOnlySpan<byte> bytes, ReadEnd end)
    {
        if (bytes.IsEmpty && end == ReadEnd.Missing)
        {
            text.AppendMissing(address);
            return;
        }

        text.AppendQuoted(bytes).Append(end == ReadEnd.Whole ? "" : More).Append(end == ReadEnd.Missing ? RestNotThere : "");
    }

    /// <summary>The beginning of a buffer of a given length.</summary>
    public static StringBuilder AppendBuffer(this StringBuilder text, SyscallFrame frame, ulong address, ulong length)
    {
        if (address == 0)
            text.Append("NULL");
        else
            text.AppendQuoted(address, frame.ReadBuffer(address, length, frame.Options.BufferBytes, out var end), end);
        return text;
    }

    /// <summary>What stands behind the last element of an array.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="shown">How many elements were written.</param>
    /// <param name="end">Whether those are all.</param>
    public static void AppendArrayEnd(this StringBuilder text, int shown, ReadEnd end)
    {
        if (end != ReadEnd.Whole)
            text.Append(shown == 0 ? "" : ", ").Append(More).Append(end == ReadEnd.Missing ? RestNotThere : "");
        text.Append(']');
    }

    /// <summary>A pointer to what is not in memory.</summary>
    public static void AppendMissing(this StringBuilder text, ulong address)
    {
        AddressDecoder.AppendAddress(address, text);
        text.Append(NotThere);
    }

    private static void AppendEscaped(StringBuilder text, byte value, byte next)
    {
        var letter = value switch
        {
            (byte)'\n' => 'n',
            (byte)'\t' => 't',
            (byte)'\r' => 'r',
            (byte)'\v' => 'v',
            (byte)'\f' => 'f',
            _ => '\0',
        };
        text.Append('\\');
        if (letter != '\0')
            text.Append(letter);
        else if (char.IsAsciiDigit((char)next))
            text.Append(Convert.ToString(value, 8).PadLeft(3, '0'));
        else
            text.Append(Convert.ToString(value, 8));
    }
}
