using System.Buffers.Binary;
using System.Text;

namespace Vmi.Linux;

/// <summary>`struct timespec` or `struct timeval`: seconds and a part of one; or an array of them.</summary>
/// <param name="part">The second member: `tv_nsec`, `tv_usec`.</param>
/// <param name="size">Bytes of a member: 4 in the old structures of 32-bit programs.</param>
/// <param name="atReturn">Whether the kernel writes it.</param>
/// <param name="count">How many there are: 2 for the times of a file.</param>
internal sealed class TimeDecoder(string part, int size = sizeof(long), bool atReturn = false, int count = 1)
    : StructureDecoder(SyscallValueKind.Structure, size * 2 * count, size * 2 * count, atReturn)
{
    protected override void AppendStructure(SyscallFrame frame, ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        text.Append(count == 1 ? "" : "[");
        for (var at = 0; at < bytes.Length; at += size * 2)
        {
            text.Append(at == 0 ? "{tv_sec=" : ", {tv_sec=").AppendNumber(Member(bytes[at..])).Append(", ").Append(part).Append('=')
                .AppendNumber(Member(bytes[(at + size)..])).Append('}');
        }

        text.Append(count == 1 ? "" : "]");
    }

    private long Member(ReadOnlySpan<byte> bytes) =>
        size == sizeof(long) ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : BinaryPrimitives.ReadInt32LittleEndian(bytes);
}
