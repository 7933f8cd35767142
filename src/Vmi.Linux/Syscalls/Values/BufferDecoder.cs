using System.Text;

namespace Vmi.Linux;

/// <summary>A buffer whose length is another argument; one that the kernel fills has as many bytes as the call's result says.</summary>
/// <param name="length">Which argument the length is.</param>
/// <param name="atReturn">Whether the kernel fills it.</param>
/// <param name="isText">Whether what the kernel writes ends with a zero, which is not shown: `getcwd`.</param>
internal sealed class BufferDecoder(int length, bool atReturn, bool isText = false) : ValueDecoder(SyscallValueKind.Buffer, atReturn)
{
    public override void Append(SyscallFrame frame, ulong value, StringBuilder text)
    {
        var bytes = frame.Argument(length);
        if (AtReturn)
            bytes = Math.Min(bytes, (ulong)Math.Max(frame.Result.GetValueOrDefault() - (isText ? 1 : 0), 0));
        text.AppendBuffer(frame, value, bytes);
    }
}
