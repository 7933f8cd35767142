using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vmi.Symbols;

/// <summary>
/// The 256 pieces of text that kallsyms names are made of (`kallsyms_token_table`, `kallsyms_token_index`): strings ended by NUL, one
/// behind the other.
/// </summary>
internal sealed class TokenTable
{
    public const int Count = 256;

    /// <summary>A token is at most a whole name, and all of them fit 16-bit offsets.</summary>
    public const int MaxLength = 65536 + SymbolNames.MaxNameLength;

    private readonly ushort[] _starts;
    private readonly ushort[] _lengths = new ushort[Count];

    // The first eight bytes of each: few tokens are longer.
    private readonly ulong[] _words = new ulong[Count];

    private TokenTable(byte[] bytes, ushort[] starts)
    {
        Bytes = bytes;
        _starts = starts;
        for (var token = 0; token < Count; token++)
        {
            var text = bytes.AsSpan(starts[token], (token == Count - 1 ? bytes.Length : starts[token + 1]) - starts[token] - 1);
            _lengths[token] = (ushort)text.Length;
            text[..Math.Min(text.Length, sizeof(ulong))].CopyTo(MemoryMarshal.AsBytes(_words.AsSpan(token, 1)));
        }
    }

    /// <summary>A table for names that are not compressed: each character of a name stands for itself.</summary>
    public static TokenTable Characters { get; } = TryRead([.. Enumerable.Range(0, Count).SelectMany(
        character => character is > 0x20 and < 0x7f ? new byte[] { (byte)character, 0 } : [0])])!;

    /// <summary>The table as the kernel has it.</summary>
    public byte[] Bytes { get; }

    /// <summary>The text of a token.</summary>
    public ReadOnlySpan<byte> this[byte token] => Bytes.AsSpan(_starts[token], Length(token));

    /// <summary>Bytes of a token.</summary>
    public int Length(byte token) => _lengths[token];

    /// <summary>Writes a token, and what does not matter behind it, up to eight bytes in all; returns the token's length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Write(byte token, Span<byte> destination)
    {
        var length = _lengths[token];
        if (length <= sizeof(ulong))
            MemoryMarshal.Write(destination, _words[token]);
        else
            this[token].CopyTo(destination);
        return length;
    }

    /// <summary>Reads a table; null if it is none.</summary>
    /// <param name="bytes">The bytes from the first token on; more may follow.</param>
    public static TokenTable? TryRead(ReadOnlySpan<byte> bytes)
    {
        var starts = new ushort[Count];
        var at = 0;
        for (var token = 0; token < Count; token++)
        {
            var length = at > ushort.MaxValue ? -1 : bytes[at..].IndexOf((byte)0);
            if (length is < 0 or > SymbolNames.MaxNameLength)
                return null;
            var text = bytes.Slice(at, length);
            // A character that occurs in a name keeps its own place; all other places hold pairs, or nothing.
            if (text.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e) || (length == 1 && text[0] != token))
                return null;
            starts[token] = (ushort)at;
            at += length + 1;
        }

        return new TokenTable(bytes[..at].ToArray(), starts);
    }

    /// <summary>Whether `kallsyms_token_index` says the same.</summary>
    public bool Fits(ReadOnlySpan<ushort> index) => index.SequenceEqual(_starts);
}
