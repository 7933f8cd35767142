using System.Runtime.CompilerServices;
using System.Text;

namespace Vmi.Symbols;

/// <summary>
/// The compressed names of a kernel's symbols in the order of their addresses (`kallsyms_names`): for each a length of one or two
/// bytes (ULEB128) and as many tokens; the first character of the text is the symbol's type letter.
/// </summary>
internal sealed class SymbolNames
{
    /// <summary>`KSYM_NAME_LEN` of current kernels; older ones have 128.</summary>
    public const int MaxNameLength = 512;

    /// <summary>What <see cref="Next"/> needs: a type letter, a name, and room for the last token to be written as a whole word.</summary>
    public const int BufferLength = 1 + MaxNameLength + sizeof(ulong);

    private const int Stride = 256;

    private readonly int[] _markers;

    private SymbolNames(byte[] bytes, TokenTable tokens, int count, int[] markers)
    {
        Bytes = bytes;
        Tokens = tokens;
        Count = count;
        _markers = markers;
    }

    /// <summary>The compressed names as the kernel has them, without padding.</summary>
    public byte[] Bytes { get; }

    /// <summary>What they are made of.</summary>
    public TokenTable Tokens { get; }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Where each 256th name starts (`kallsyms_markers`).</summary>
    public ReadOnlySpan<int> Markers => _markers;

    /// <summary>Goes over the names once; null if they are not sound.</summary>
    /// <param name="bytes">The bytes from the first name on; more may follow.</param>
    /// <param name="tokens">What they are made of.</param>
    /// <param name="count">How many there are; must have been bounded.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static SymbolNames? TryRead(ReadOnlySpan<byte> bytes, TokenTable tokens, int count)
    {
        // Each name takes two bytes at least: a count beyond that is refused before anything is allocated for it.
        if (count < 1 || count > bytes.Length / 2)
            return null;
        var markers = new int[(count + Stride - 1) / Stride];
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            if (i % Stride == 0)
                markers[i / Stride] = at;
            if (!TryReadLength(bytes, ref at, out var length) || length == 0 || length > bytes.Length - at)
                return null;
            var text = 0;
            foreach (var token in bytes.Slice(at, length))
                text += tokens.Length(token);
            if (text < 2 || text > MaxNameLength + 1 || !IsTypeLetter(bytes.Slice(at, length), tokens))
                return null;
            at += length;
        }

        return new SymbolNames(bytes[..at].ToArray(), tokens, count, markers);
    }

    /// <summary>The type letter and the name of a symbol.</summary>
    public (char Type, string Name) this[int index]
    {
        get
        {
            Span<byte> buffer = stackalloc byte[BufferLength];
            var at = Position(index);
            return Next(ref at, buffer);
        }
    }

    /// <summary>The type letter of a symbol.</summary>
    public char Type(int index)
    {
        Span<byte> buffer = stackalloc byte[BufferLength];
        var at = Position(index);
        return (char)Expand(ref at, buffer)[0];
    }

    /// <summary>Whether a symbol has a name.</summary>
    public bool Is(int index, ReadOnlySpan<byte> name)
    {
        Span<byte> buffer = stackalloc byte[BufferLength];
        var at = Position(index);
        return Expand(ref at, buffer)[1..].SequenceEqual(name);
    }

    /// <summary>An index of all names.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public NameIndex Index()
    {
        Span<byte> buffer = stackalloc byte[BufferLength];
        var keys = new ulong[Count];
        var at = 0;
        for (var i = 0; i < keys.Length; i++)
            keys[i] = NameIndex.Key(Expand(ref at, buffer)[1..], i);
        return new NameIndex(keys);
    }

    /// <summary>The type letter and the name of the symbol whose compressed name is at a place, 0 for the first; the place moves on.</summary>
    /// <param name="at">Where the name is, then where the next one is.</param>
    /// <param name="buffer"><see cref="BufferLength"/> bytes.</param>
    public (char Type, string Name) Next(ref int at, Span<byte> buffer)
    {
        var text = Expand(ref at, buffer);
        return ((char)text[0], Encoding.ASCII.GetString(text[1..]));
    }

    private static bool IsTypeLetter(ReadOnlySpan<byte> name, TokenTable tokens)
    {
        foreach (var token in name)
            if (tokens.Length(token) != 0)
                return char.IsAsciiLetter((char)tokens[token][0]) || tokens[token][0] == SymbolTable.UnknownType;
        return false;
    }

    private static bool TryReadLength(ReadOnlySpan<byte> bytes, ref int at, out int length)
    {
        length = 0;
        if (at >= bytes.Length)
            return false;
        length = bytes[at++];
        // Names of more than 127 tokens have a second byte since Linux 6.1; before, no name was that long.
        if (length <= 0x7f)
            return true;
        if (at >= bytes.Length || bytes[at] > 0x7f)
            return false;
        length = length & 0x7f | bytes[at++] << 7;
        return true;
    }

    private int Position(int index)
    {
        var at = _markers[index / Stride];
        for (var i = index % Stride; i > 0; i--)
        {
            TryReadLength(Bytes, ref at, out var length);
            at += length;
        }

        return at;
    }

    private ReadOnlySpan<byte> Expand(ref int at, Span<byte> buffer)
    {
        TryReadLength(Bytes, ref at, out var length);
        var written = 0;
        foreach (var token in Bytes.AsSpan(at, length))
            written += Tokens.Write(token, buffer[written..]);

        at += length;
        return buffer[..written];
    }
}
