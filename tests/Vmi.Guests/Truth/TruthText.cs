using System.Buffers;
using System.Globalization;
using System.Text;

namespace Vmi.Guests;

/// <summary>Makes text of the guest's bytes.</summary>
public static class TruthText
{
    /// <summary>UTF-8; each byte that is not is escaped <c>\xNN</c>. Nothing else is changed.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int consumed) == OperationStatus.Done)
                text.Append(rune.ToString());
            else
            {
                consumed = 1;
                text.Append(CultureInfo.InvariantCulture, $"\\x{bytes[0]:x2}");
            }
            bytes = bytes[consumed..];
        }
        return text.ToString();
    }
}
