using System.Text;

namespace Vmi.Linux;

/// <summary>An array of structures or pointers.</summary>
/// <param name="kind">What it is.</param>
/// <param name="atReturn">Whether the kernel writes them.</param>
internal abstract class ArrayDecoder(SyscallValueKind kind, bool atReturn = false) : ValueDecoder(kind, atReturn)
{
    public override void Append(SyscallFrame frame, ulong value, StringBuilder text) => AppendArray(frame, value, Count(frame), text);

    /// <summary>Writes an array of a given number of elements, so many of them as are shown and are there.</summary>
    public void AppendArray(SyscallFrame frame, ulong value, ulong count, StringBuilder text)
    {
        if (value == 0)
        {
            text.Append("NULL");
            return;
        }

        var size = Size(frame);
        var elements = frame.ReadArray(value, count, size, out var end);
        if (elements.IsEmpty && end == ReadEnd.Missing)
        {
            frame.SetMissing();
            text.AppendMissing(value);
            return;
        }

        text.Append('[');
        var shown = 0;
        for (; shown < elements.Length / size; shown++)
        {
            var element = elements.Slice(shown * size, size);
            if (IsEnd(frame, element))
            {
                end = ReadEnd.Whole;
                break;
            }

            AppendElement(frame, element, shown == 0 ? text : text.Append(", "));
        }

        // Only now is it known whether what could not be read belongs to the array.
        if (end == ReadEnd.Missing)
            frame.SetMissing();
        text.AppendArrayEnd(shown, end);
    }

    /// <summary>Bytes of an element: at most 16.</summary>
    protected abstract int Size(SyscallFrame frame);

    /// <summary>How many elements there are; the highest number if only the array's end tells.</summary>
    protected abstract ulong Count(SyscallFrame frame);

    /// <summary>Whether an element is none, but the array's end.</summary>
    protected virtual bool IsEnd(SyscallFrame frame, ReadOnlySpan<byte> element) => false;

    protected abstract void AppendElement(SyscallFrame frame, ReadOnlySpan<byte> element, StringBuilder text);
}
