using System.Text;

namespace Vmi.Linux;

/// <summary>An array of strings that ends with a null pointer: `argv`, `envp`.</summary>
internal sealed class StringArrayDecoder() : ArrayDecoder(SyscallValueKind.TextArray)
{
    public static readonly StringArrayDecoder Instance = new();

    protected override int Size(SyscallFrame frame) => frame.Width;

    protected override ulong Count(SyscallFrame frame) => ulong.MaxValue;

    protected override bool IsEnd(SyscallFrame frame, ReadOnlySpan<byte> element) => frame.Word(element) == 0;

    protected override void AppendElement(SyscallFrame frame, ReadOnlySpan<byte> element, StringBuilder text)
    {
        var pointer = frame.Word(element);
        text.AppendQuoted(pointer, frame.ReadText(pointer, out var end), end);
    }
}
