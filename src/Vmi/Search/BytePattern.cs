using System.Buffers;
using System.Globalization;

namespace Vmi;

/// <summary>Bytes to look for, of which some, or halves of some, may be anything.</summary>
public sealed class BytePattern
{
    /// <summary>The most bytes a pattern may have.</summary>
    public const int MostBytes = 4096;

    private readonly byte[] _bytes;
    private readonly byte[]? _mask;
    private readonly int _anchor;
    private readonly int _anchorLength;
    private readonly SearchValues<byte>? _anchorValues;

    /// <summary>A pattern of bytes that are all given.</summary>
    /// <exception cref="ArgumentException">There are none, or more than <see cref="MostBytes"/>.</exception>
    public BytePattern(ReadOnlySpan<byte> bytes)
    {
        ThrowIfLengthIsWrong(bytes.Length);
        _bytes = bytes.ToArray();
        _anchorLength = _bytes.Length;
    }

    /// <summary>A pattern of which some bits count.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="mask">For each byte the bits that count; not all of them 0.</param>
    /// <exception cref="ArgumentException">No bit counts, the lengths differ, or there are more than <see cref="MostBytes"/>.</exception>
    public BytePattern(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> mask)
    {
        ThrowIfLengthIsWrong(bytes.Length);
        if (mask.Length != bytes.Length)
            throw new ArgumentException($"{bytes.Length} bytes have a mask of {mask.Length}.", nameof(mask));
        if (!mask.ContainsAnyExcept((byte)0))
            throw new ArgumentException("Each byte of the pattern may be anything.", nameof(mask));
        _bytes = bytes.ToArray();
        _mask = mask.ToArray();
        for (var i = 0; i < _bytes.Length; i++)
            _bytes[i] &= _mask[i];
        (_anchor, _anchorLength) = RarestWholeRun(_bytes, _mask);
        if (_anchorLength == 0)
        {
            _anchor = mask.IndexOfAnyExcept((byte)0);
            var (value, bits) = (_bytes[_anchor], _mask[_anchor]);
            _anchorValues = SearchValues.Create(
                [.. Enumerable.Range(0, 256).Select(each => (byte)each).Where(each => (each & bits) == value)]);
        }
    }

    /// <summary>How many bytes a match has.</summary>
    public int Length => _bytes.Length;

    /// <summary>
    /// A pattern from hexadecimal digits: two a byte, where `?` is any digit; a `?` by itself is any byte. Blanks may stand between bytes:
    /// `48 8b ?? 2? ? c3`, `488b??2?`.
    /// </summary>
    /// <exception cref="FormatException">It is no such text, says no digit, or has more than <see cref="MostBytes"/> bytes.</exception>
    public static BytePattern ParseHex(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = new List<byte>();
        var mask = new List<byte>();
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var digits = word == "?" ? "??" : word;
            if (digits.Length % 2 != 0)
                throw new FormatException($"'{word}' has half a byte: write two hexadecimal digits for each byte, ? for any digit.");
            for (var i = 0; i < digits.Length; i += 2)
            {
                var (high, highMask) = Digit(digits[i]);
                var (low, lowMask) = Digit(digits[i + 1]);
                bytes.Add((byte)(high << 4 | low));
                mask.Add((byte)(highMask << 4 | lowMask));
            }
        }

        if (bytes.Count is 0 or > MostBytes)
            throw new FormatException($"A pattern has 1 to {MostBytes} bytes, not {bytes.Count}.");
        if (mask.TrueForAll(static each => each == 0))
            throw new FormatException("Each byte of the pattern may be anything.");
        return mask.TrueForAll(static each => each == 0xFF)
            ? new BytePattern([.. bytes])
            : new BytePattern([.. bytes], [.. mask]);
    }

    /// <summary>Where the pattern first stands as a whole; -1 if it does not.</summary>
    public int IndexOf(ReadOnlySpan<byte> bytes)
    {
        if (_mask is null)
            return bytes.IndexOf(_bytes);
        // The part that can be looked for quickly, then the rest around it.
        var anchor = _bytes.AsSpan(_anchor, _anchorLength);
        for (var from = 0; bytes.Length - from >= Length;)
        {
            var rest = bytes[(from + _anchor)..];
            var found = _anchorValues is null ? rest.IndexOf(anchor) : rest.IndexOfAny(_anchorValues);
            if (found < 0 || bytes.Length - (from + found) < Length)
                return -1;
            from += found;
            if (Matches(bytes.Slice(from, Length), _mask))
                return from;
            from++;
        }

        return -1;
    }

    private static (int Value, int Mask) Digit(char digit)
    {
        if (digit == '?')
            return (0, 0);
        return char.IsAsciiHexDigit(digit)
            ? (int.Parse([digit], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), 0xF)
            : throw new FormatException($"'{digit}' is no hexadecimal digit.");
    }

    /// <summary>Memory is full of 00 and FF: a run is the rarer, the more other bytes it has, then the longer it is.</summary>
    private static (int Start, int Length) RarestWholeRun(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> mask)
    {
        var best = (Start: 0, Length: 0, Rare: 0);
        for (var start = 0; start < mask.Length; start++)
        {
            var end = mask[start..].IndexOfAnyExcept((byte)0xFF);
            var length = end < 0 ? mask.Length - start : end;
            var rare = length - bytes.Slice(start, length).Count((byte)0x00) - bytes.Slice(start, length).Count((byte)0xFF);
            if ((rare, length).CompareTo((best.Rare, best.Length)) > 0)
                best = (start, length, rare);
            start += length;
        }

        return (best.Start, best.Length);
    }

    private static void ThrowIfLengthIsWrong(int length)
    {
        if (length is 0 or > MostBytes)
            throw new ArgumentException($"A pattern has 1 to {MostBytes} bytes, not {length}.");
    }

    private bool Matches(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> mask)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if ((bytes[i] & mask[i]) != _bytes[i])
                return false;
        }

        return true;
    }
}
