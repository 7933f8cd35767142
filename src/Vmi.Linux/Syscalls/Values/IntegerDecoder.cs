using System.Globalization;
using System.Text;

namespace Vmi.Linux;

/// <summary>A number of a C type.</summary>
/// <param name="size">Bytes: 1, 2, 4 or 8; `long` and what is as wide has 4 in 32-bit programs.</param>
/// <param name="isSigned">Whether it is signed.</param>
internal sealed class IntegerDecoder(int size, bool isSigned) : ValueDecoder(SyscallValueKind.Integer)
{
    public static readonly IntegerDecoder Int = new(sizeof(int), isSigned: true);
    public static readonly IntegerDecoder UInt = new(sizeof(int), isSigned: false);
    public static readonly IntegerDecoder Long = new(sizeof(long), isSigned: true);

    public override void Append(SyscallFrame frame, ulong value, StringBuilder text)
    {
        var unused = 64 - 8 * Math.Min(size, frame.Width);
        if (isSigned)
            text.AppendNumber((long)(value << unused) >> unused);
        else
            text.AppendNumber(value << unused >> unused);
    }
}
