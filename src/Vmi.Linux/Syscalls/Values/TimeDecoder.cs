using System.Buffers.Binary;
using System.Text;

namespace Vmi.Linux;

/// <summary>`struct timespec` or `struct timeval`, both of a number of seconds and of their parts.</summary>
/// <param name="part">The second member: `tv_nsec`, `tv_usec`.</param>
/// <param name="size">Bytes of a member: 4 in the old structures of 32-bit programs.</param>
/// <param name="atReturn">Whether the kernel writes it.</param>
internal sealed class TimeDecoder(string part, int size = sizeof(long), bool atReturn = false)
    : StructureDecoder(SyscallValueKind.Structure, size * 2, size * 2, atReturn)
{
    protected override void AppendStructure(SyscallFrame frame, ReadOnlySpan<byte> bytes, StringBuilder text) =>
        text.Append("{tv_sec=").AppendNumber(Member(bytes)).Append(", ").Append(part).Append('=').AppendNumber(Member(bytes[size..]))
            .Append('}');

    private long Member(ReadOnlySpan<byte> bytes) =>
        size == sizeof(long) ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : BinaryPrimitives.ReadInt32LittleEndian(bytes);
}
