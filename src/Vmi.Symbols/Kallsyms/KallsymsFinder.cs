using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vmi.Symbols;

/// <summary>
/// Finds kallsyms, the kernel's own symbol table, in its image: without any symbol to start from, by the tables' structure. They are
/// written by scripts/kallsyms.c, each aligned to 8 bytes (in 7.2 to 4), in one of two orders:
/// <list type="bullet">
/// <item>before Linux 6.4: offsets, relative_base, num_syms, names, markers, seqs_of_names (from 6.2), token_table, token_index</item>
/// <item>since: num_syms, names, markers, token_table, token_index, offsets, relative_base (until 6.19), seqs_of_names</item>
/// </list>
/// The token tables are unmistakable; the names before them are found through the markers and prove themselves; the offsets
/// prove themselves by rising with each symbol.
/// </summary>
public static class KallsymsFinder
{
    private const int IndexBytes = TokenTable.Count * 2;
    private const int Stride = 256;
    private const int MaxCandidates = 64;

    /// <summary>No name takes more compressed bytes, its length included.</summary>
    private const int MaxNameBytes = SymbolNames.MaxNameLength + 3;

    /// <summary>All compressed names; the largest kernels have about 8 MiB.</summary>
    private const ulong MaxNamesBytes = 64 << 20;

    /// <summary>Finds every symbol table that the image holds and whose parts agree: one in an honest kernel.</summary>
    /// <param name="image">The kernel's image, or its read-only data.</param>
    /// <param name="limits">The bounds: <see cref="VmiLimits.ListEntries"/> symbols.</param>
    public static IReadOnlyList<SymbolTable> FindAll(KernelImage image, VmiLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        limits ??= VmiLimits.Default;
        var found = new List<SymbolTable>();
        var candidates = 0;
        foreach (var (address, block) in image.Blocks(IndexBytes - 4))
        {
            for (var at = FirstIndex(block.Span, 0); at >= 0; at = FirstIndex(block.Span, at + 4))
            {
                var index = address + (ulong)at;
                // Where the index happens to be aligned to 8 bytes, all may be; where it is not, nothing need be.
                foreach (var unit in (ReadOnlySpan<uint>)(at % 8 == 0 ? [8, 4] : [4]))
                {
                    var starts = MemoryMarshal.Cast<byte, ushort>(block.Span.Slice(at, IndexBytes));
                    if (TryReadTokens(image, index, starts, unit) is not var (start, tokens))
                        continue;
                    if (++candidates > MaxCandidates)
                        return found;
                    var before = found.Count;
                    foreach (var (names, namesStart) in FindNames(image, start, tokens, limits.ListEntries, unit))
                        found.AddRange(KallsymsOffsets.FindAll(image, names, namesStart, index + IndexBytes, unit));
                    if (found.Count > before)
                        break;
                }
            }
        }

        return found;
    }

    /// <summary>Where the next run of 256 rising 16-bit numbers from 0 starts, at a multiple of 4 bytes.</summary>
    /// <remarks>The whole image goes through this loop, mostly once in a process: it must not start unoptimized.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int FirstIndex(ReadOnlySpan<byte> block, int from)
    {
        if (block.Length < IndexBytes)
            return -1;
        var words = MemoryMarshal.Cast<byte, uint>(block[..(block.Length - IndexBytes + 4)]);
        for (var i = from / 4; i < words.Length; i++)
        {
            // The first number is 0 and the second is not: true of few words.
            if ((ushort)words[i] != 0 || words[i] == 0)
                continue;
            var index = MemoryMarshal.Cast<byte, ushort>(block.Slice(i * 4, IndexBytes));
            var next = 1;
            while (next < index.Length && index[next] > index[next - 1])
                next++;
            if (next == index.Length)
                return i * 4;
        }

        return -1;
    }

    /// <summary>The token table that ends where its index starts.</summary>
    private static (Va Start, TokenTable Tokens)? TryReadTokens(KernelImage image, Va index, ReadOnlySpan<ushort> starts, uint unit)
    {
        // The last token's length is not known: the table starts at one of the addresses that fit.
        var longest = Align((ulong)starts[^1] + SymbolNames.MaxNameLength + 1, unit);
        var before = Math.Min(longest, index - image.Start);
        if (image.TryRead(index - before, before, TokenTable.MaxLength + 8) is not { } bytes)
            return null;
        for (var length = Align(starts[^1] + 1UL, unit); length <= before; length += unit)
            if (TokenTable.TryRead(bytes.AsSpan((int)(before - length))) is { } tokens && tokens.Fits(starts)
                && Align((ulong)tokens.Bytes.Length, unit) == length)
                return (index - length, tokens);
        return null;
    }

    /// <summary>The names whose markers lie before the token table, directly or with the sequence numbers in between.</summary>
    private static IEnumerable<(SymbolNames Names, Va Start)> FindNames(
        KernelImage image, Va tokensStart, TokenTable tokens, int maxSymbols, uint unit)
    {
        var farthest = Align((ulong)MarkerCount(maxSymbols) * 4, unit) + Align((ulong)maxSymbols * 3, unit);
        var window = new byte[Math.Min(farthest, tokensStart - image.Start)];
        image.ReadZeroFilled(tokensStart - (ulong)window.Length, window);
        for (var at = window.Length - (int)unit; at >= 0; at -= (int)unit)
        {
            var run = MarkerRun(window.AsSpan(at));
            // What follows the last marker may happen to look like another one.
            for (var count = run; count >= 2 && count >= run - 1; count--)
            {
                var rest = (ulong)(window.Length - at) - Align((ulong)count * 4, unit);
                if (rest != 0 && (rest < ((ulong)(count - 1) * Stride + 1) * 3 || rest > Align((ulong)count * Stride * 3, unit)))
                    continue;
                var markers = MemoryMarshal.Cast<byte, int>(window.AsSpan(at, count * 4)).ToArray();
                if (TryReadNames(image, tokensStart - (ulong)(window.Length - at), markers, rest, tokens, maxSymbols, unit) is { } found)
                    yield return found;
            }
        }
    }

    /// <summary>How many numbers from the start of a span rise as markers do: from 0, by the length of 256 names.</summary>
    private static int MarkerRun(ReadOnlySpan<byte> bytes)
    {
        var numbers = MemoryMarshal.Cast<byte, uint>(bytes);
        if (numbers[0] != 0)
            return 0;
        var count = 1;
        while (count < numbers.Length && numbers[count] - (long)numbers[count - 1] is >= 2 * Stride and <= MaxNameBytes * Stride)
            count++;
        return count;
    }

    /// <summary>The names that end where their markers start, with their number in front.</summary>
    private static (SymbolNames Names, Va Start)? TryReadNames(
        KernelImage image, Va markersStart, int[] markers, ulong sequencesLength, TokenTable tokens, int maxSymbols, uint unit)
    {
        var before = Math.Min((ulong)markers[^1] + MaxNameBytes * Stride + 16, markersStart - image.Start);
        if (before < (ulong)markers[^1] + 16 || before > MaxNamesBytes)
            return null;
        // What lies before the names may be missing; a gap in the names shows as a name of no length.
        var bytes = new byte[before];
        image.ReadZeroFilled(markersStart - before, bytes);
        for (var length = Align((ulong)markers[^1] + 2, unit); length + unit <= before; length += unit)
        {
            var start = (int)(before - length);
            // `kallsyms_num_syms`: an unsigned int, with padding if there is any, or an unsigned long.
            var number = unit == 8
                ? BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(start - 8))
                : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(start - 4));
            if (number > (ulong)maxSymbols || MarkerCount((int)number) != markers.Length
                || (sequencesLength != 0 && Align(number * 3, unit) != sequencesLength))
                continue;
            image.Cancellation.ThrowIfCancellationRequested();
            if (SymbolNames.TryRead(bytes.AsSpan(start), tokens, (int)number) is { } names && names.Markers.SequenceEqual(markers)
                && Align((ulong)names.Bytes.Length, unit) == length)
                return (names, markersStart - length);
        }

        return null;
    }

    private static int MarkerCount(int symbols) => (int)(((long)symbols + Stride - 1) / Stride);

    internal static ulong Align(ulong length, uint unit) => (length + unit - 1) & ~(ulong)(unit - 1);
}
