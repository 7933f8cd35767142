using System.Buffers;

namespace Vmi;

/// <summary>
/// Finds printable texts in the pieces of a pass, also where they begin in one piece and end in another. What is printable, and that a
/// wide text may begin at any address, is as in strings(1) of binutils.
/// </summary>
internal sealed class StringFinder(MemoryStringOptions options, int most, Action<MemoryString> found)
{
    private static readonly SearchValues<byte> Printable =
        SearchValues.Create([(byte)'\t', .. Enumerable.Range(' ', '~' - ' ' + 1).Select(each => (byte)each)]);

    private static readonly bool[] IsPrintable = [.. Enumerable.Range(0, 256).Select(each => Printable.Contains((byte)each))];

    private readonly PrintableRun _narrow = new(isWide: false, options.LeastCharacters, most, options.FindsNarrow ? found : null);
    private readonly PrintableRun _wide = new(isWide: true, options.LeastCharacters, most, options.FindsWide ? found : null);

    /// <summary>The lower half of a wide character whose upper half is the next byte; 0 if the next byte is a lower half.</summary>
    private byte _lower;

    private ulong _expected;

    /// <summary>Takes a piece. It never has enough.</summary>
    public bool Take(ulong address, ReadOnlySpan<byte> bytes)
    {
        if (address != _expected)
            End();
        _expected = address + (ulong)bytes.Length;
        for (var i = 0; i < bytes.Length; i++)
        {
            var next = bytes[i];
            if (IsPrintable[next])
            {
                _narrow.Add(address + (ulong)i, next);
                if (_lower != 0)
                    _wide.End();
                _lower = next;
                continue;
            }

            // In this order: a wide text in which a narrow one begins ends with the same byte at the latest, and began before it.
            if (_lower != 0 && next == 0)
                _wide.Add(address + (ulong)i - 1, _lower);
            else
                _wide.End();
            _narrow.End();
            _lower = 0;
            if (_wide.IsEmpty && i + 1 < bytes.Length)
            {
                // Most of what is no text is zeros.
                var gap = bytes[(i + 1)..].IndexOfAny(Printable);
                i = gap < 0 ? bytes.Length : i + gap;
            }
        }

        return true;
    }

    /// <summary>Nothing continues what came so far.</summary>
    public void End()
    {
        _wide.End();
        _narrow.End();
        _lower = 0;
    }
}
