using System.Buffers.Binary;
using System.Text;

namespace Vmi.Linux;

/// <summary>One or two numbers that a pointer leads to: `[16]`, `[3, 4]` (`pipe`).</summary>
/// <param name="count">How many.</param>
/// <param name="size">Bytes of each: 4 or 8.</param>
/// <param name="atReturn">Whether the kernel writes them.</param>
internal sealed class NumbersDecoder(int count, int size, bool atReturn)
    : StructureDecoder(SyscallValueKind.Structure, count * size, count * size, atReturn)
{
    protected override void AppendStructure(SyscallFrame frame, ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        text.Append('[');
        for (var i = 0; i < count; i++)
        {
            text.Append(i == 0 ? "" : ", ").AppendNumber(size == sizeof(int)
                ? BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * size)..])
                : BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * size)..]));
        }

        text.Append(']');
    }
}
