using System.Buffers.Binary;
using System.Text;

namespace Vmi.Linux;

/// <summary>An array of `struct pollfd`, as the program asks.</summary>
/// <param name="count">Which argument says how many there are.</param>
internal sealed class PollDecoder(int count) : ArrayDecoder(SyscallValueKind.Structure)
{
    protected override int Size(SyscallFrame frame) => 8;

    protected override ulong Count(SyscallFrame frame) => (uint)frame.Argument(count);

    protected override void AppendElement(SyscallFrame frame, ReadOnlySpan<byte> element, StringBuilder text)
    {
        text.Append("{fd=").AppendNumber((long)(int)SyscallFrame.UInt32(element)).Append(", events=");
        FlagsDecoder.AppendFlags(PollConstants.Events, BinaryPrimitives.ReadUInt16LittleEndian(element[sizeof(int)..]), text);
        text.Append('}');
    }
}
