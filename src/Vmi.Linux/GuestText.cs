using System.Buffers;
using System.Globalization;
using System.Text;

namespace Vmi.Linux;

/// <summary>Turns a guest's bytes into text without losing any: bytes that are not UTF-8 are escaped `\xNN`.</summary>
/// <remarks>Control characters stay: escaping for a terminal is the business of whoever prints.</remarks>
public static class GuestText
{
    /// <summary>The text of all the bytes.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == OperationStatus.Done)
                text.Append(rune);
            else
                foreach (var invalid in bytes[..consumed])
                    text.Append(CultureInfo.InvariantCulture, $"\\x{invalid:x2}");
            bytes = bytes[consumed..];
        }

        return text.ToString();
    }

    /// <summary>The bytes before the first zero byte; all if there is none.</summary>
    public static ReadOnlySpan<byte> Terminated(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        return end < 0 ? bytes : bytes[..end];
    }
}
