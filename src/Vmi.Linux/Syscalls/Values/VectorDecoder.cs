using System.Text;

namespace Vmi.Linux;

/// <summary>An array of `struct iovec`: buffers one behind the other.</summary>
/// <param name="count">Which argument says how many there are.</param>
/// <param name="atReturn">Whether the kernel fills them, as far as the call's result says.</param>
internal sealed class VectorDecoder(int count, bool atReturn = false) : ArrayDecoder(SyscallValueKind.Buffer, atReturn)
{
    protected override int Size(SyscallFrame frame) => 2 * frame.Width;

    protected override ulong Count(SyscallFrame frame) => frame.Argument(count);

    protected override void AppendElement(SyscallFrame frame, ReadOnlySpan<byte> element, StringBuilder text)
    {
        var length = frame.Word(element[frame.Width..]);
        text.Append("{iov_base=").AppendBuffer(frame, frame.Word(element), frame.TakeFilled(length));
        text.Append(", iov_len=").AppendNumber(length).Append('}');
    }
}
