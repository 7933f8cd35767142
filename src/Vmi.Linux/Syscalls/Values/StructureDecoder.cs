using System.Text;

namespace Vmi.Linux;

/// <summary>A structure that a pointer leads to.</summary>
/// <param name="kind">What it is.</param>
/// <param name="size">Its bytes in 64-bit programs: at most <see cref="SyscallFrame.LargestStructure"/>.</param>
/// <param name="size32">Its bytes in 32-bit programs.</param>
/// <param name="atReturn">Whether the kernel writes it.</param>
internal abstract class StructureDecoder(SyscallValueKind kind, int size, int size32, bool atReturn) : ValueDecoder(kind, atReturn)
{
    public override void Append(SyscallFrame frame, ulong value, StringBuilder text)
    {
        Span<byte> bytes = stackalloc byte[SyscallFrame.LargestStructure];
        bytes = bytes[..(frame.Width == sizeof(ulong) ? size : size32)];
        if (value == 0)
            text.Append("NULL");
        else if (frame.TryRead(value, bytes))
            AppendStructure(frame, bytes, text);
        else
            text.AppendMissing(value);
    }

    protected abstract void AppendStructure(SyscallFrame frame, ReadOnlySpan<byte> bytes, StringBuilder text);
}
