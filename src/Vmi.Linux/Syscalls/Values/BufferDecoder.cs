using System.Text;

namespace Vmi.Linux;

/// <summary>A buffer whose length is another argument; one that the kernel fills has as many bytes as the call's result says.</summary>
/// <param name="length">Which argument the length is.</param>
/// <param name="atReturn">Whether the kernel fills it.</param>
/// <param name="isPath">Whether it is the path of a file, without a terminator: `readlink`.</param>
internal sealed class BufferDecoder(int length, bool atReturn, bool isPath = false)
    : ValueDecoder(isPath ? SyscallValueKind.Path : SyscallValueKind.Buffer, atReturn)
{
    public override void Append(SyscallFrame frame, ulong value, StringBuilder text)
    {
        var bytes = frame.Argument(length);
        if (AtReturn)
            bytes = Math.Min(bytes, (ulong)Math.Max(frame.Result.GetValueOrDefault(), 0));
        if (isPath)
            StringDecoder.AppendText(frame, value, frame.ReadBuffer(value, bytes, frame.Options.StringBytes, out var end), end, text);
        else
            text.AppendBuffer(frame, value, bytes);
    }
}
