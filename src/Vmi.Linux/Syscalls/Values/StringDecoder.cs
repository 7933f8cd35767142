using System.Text;

namespace Vmi.Linux;

/// <summary>A string of the program's.</summary>
/// <param name="kind">Path or text.</param>
internal sealed class StringDecoder(SyscallValueKind kind) : ValueDecoder(kind)
{
    public static readonly StringDecoder Path = new(SyscallValueKind.Path);
    public static readonly StringDecoder Text = new(SyscallValueKind.Text);

    public override void Append(SyscallFrame frame, ulong value, StringBuilder text)
    {
        if (value == 0)
        {
            text.Append("NULL");
            return;
        }

        var bytes = frame.ReadText(value, out var end);
        if (end == ReadEnd.Whole || bytes.Length > 0)
            frame.Content = GuestText.Decode(bytes);
        text.AppendQuoted(value, bytes, end);
    }
}
