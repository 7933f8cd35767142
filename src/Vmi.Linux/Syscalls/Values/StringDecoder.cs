using System.Text;

namespace Vmi.Linux;

/// <summary>A string that ends with a zero.</summary>
/// <param name="kind">Path or text.</param>
/// <param name="atReturn">Whether the kernel writes it.</param>
internal sealed class StringDecoder(SyscallValueKind kind, bool atReturn = false) : ValueDecoder(kind, atReturn)
{
    public static readonly StringDecoder Path = new(SyscallValueKind.Path);
    public static readonly StringDecoder Text = new(SyscallValueKind.Text);

    public override void Append(SyscallFrame frame, ulong value, StringBuilder text)
    {
        if (value == 0)
            text.Append("NULL");
        else
            AppendText(frame, value, frame.ReadText(value, out var end), end, text);
    }

    /// <summary>Writes a string that was read, which is the value's content then.</summary>
    public static void AppendText(SyscallFrame frame, ulong value, ReadOnlySpan<byte> bytes, ReadEnd end, StringBuilder text)
    {
        if (end == ReadEnd.Whole || bytes.Length > 0)
            frame.Content = GuestText.Decode(bytes);
        text.AppendQuoted(value, bytes, end);
    }
}
