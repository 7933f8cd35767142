using System.Text;

namespace Vmi.Symbols;

/// <summary>
/// The symbols of a kernel, compressed as the kernel itself keeps them (kallsyms), in the order of their addresses. Any number of
/// threads may use one instance.
/// </summary>
public sealed class SymbolTable
{
    /// <summary>The type letter of a symbol whose type is not known, as nm prints it.</summary>
    public const char UnknownType = '?';

    /// <summary>In <see cref="Values"/>: the symbol is absolute; else the value counts from <see cref="RelativeBase"/>.</summary>
    internal const uint AbsoluteFlag = 1u << 31;

    private readonly NameIndex _index;
    private readonly Va _resolveEnd;

    private SymbolTable(Va relativeBase, uint[] values, SymbolNames names, NameIndex index, ulong textOffset)
    {
        RelativeBase = relativeBase;
        Values = values;
        Names = names;
        TextBase = relativeBase + textOffset;
        _index = index;
        // Nothing tells where the last symbol ends: its page is still its own, what lies beyond is not this kernel's image.
        _resolveEnd = TryGet("_end", out var end) && !end.IsAbsolute
            ? end.Address
            : relativeBase + ((values[^1] & ~AbsoluteFlag | Frame.Size - 1) + 1UL);
    }

    /// <summary>How many symbols there are.</summary>
    public int Count => Names.Count;

    /// <summary>The address of `_text`, where the kernel's image starts; of the first symbol where there is no `_text`.</summary>
    public Va TextBase { get; }

    internal Va RelativeBase { get; }

    internal uint[] Values { get; }

    internal SymbolNames Names { get; }

    /// <summary>A symbol by its place in the order of addresses.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public Symbol this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var (type, name) = Names[index];
            return new Symbol(name, AddressOf(index), type, IsAbsolute(index));
        }
    }

    /// <summary>Makes a table of values and names; null if they don't make one: the addresses must not fall.</summary>
    internal static SymbolTable? TryCreate(Va relativeBase, uint[] values, SymbolNames names)
    {
        if (values.Length != names.Count || (values[^1] & AbsoluteFlag) != 0)
            return null;
        for (var i = 1; i < values.Length; i++)
        {
            // Absolute symbols, whose addresses are low, come first; then those of the image. Each part rises by itself.
            if ((values[i - 1] ^ AbsoluteFlag) > (values[i] ^ AbsoluteFlag))
                return null;
        }

        var first = FirstRelative(values);
        if (!IsBase(relativeBase, values))
            return null;
        var index = names.Index();
        var text = FindFirst(names, index, "_text"u8);
        return new SymbolTable(relativeBase, values, names, index, values[text >= first ? text : first]);
    }

    /// <summary>All symbols in the order of their addresses, decoded one by one.</summary>
    public IEnumerable<Symbol> All()
    {
        var (at, buffer) = (0, new byte[SymbolNames.BufferLength]);
        for (var index = 0; index < Count; index++)
        {
            var (type, name) = Names.Next(ref at, buffer);
            yield return new Symbol(name, AddressOf(index), type, IsAbsolute(index));
        }
    }

    /// <summary>The address of a symbol; of several with one name the lowest.</summary>
    public bool TryGetAddress(string name, out Va address)
    {
        var found = TryGet(name, out var symbol);
        address = symbol.Address;
        return found;
    }

    /// <summary>A symbol by name; of several with one name the lowest.</summary>
    public bool TryGet(string name, out Symbol symbol)
    {
        ArgumentNullException.ThrowIfNull(name);
        var index = FindFirst(Names, _index, Encoding.UTF8.GetBytes(name));
        symbol = index < 0 ? default : this[index];
        return index >= 0;
    }

    /// <summary>All symbols of a name, from the lowest: local names may occur many times.</summary>
    public IReadOnlyList<Symbol> Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var bytes = Encoding.UTF8.GetBytes(name);
        var found = new List<Symbol>();
        foreach (var index in _index.Find(bytes))
            if (Names.Is(index, bytes))
                found.Add(this[index]);
        return found;
    }

    /// <summary>
    /// The symbol at or next below an address of the kernel's image; null for any other address. Of several at one address a global
    /// one wins over a weak one, that over a local one, then the first.
    /// </summary>
    public SymbolLocation? Resolve(Va address)
    {
        var first = FirstRelative(Values);
        if (address < AddressOf(first) || address >= _resolveEnd)
            return null;

        var offset = (uint)(address - RelativeBase);
        var (low, high) = (first, Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (Values[middle] <= offset)
                low = middle;
            else
                high = middle - 1;
        }

        var best = low;
        var bestRank = Rank(low);
        for (var i = low - 1; i >= first && Values[i] == Values[low]; i--)
            if (Rank(i) is var rank && rank <= bestRank)
                (best, bestRank) = (i, rank);
        return new SymbolLocation(Names[best].Name, offset - Values[low]);
    }

    /// <summary>The same symbols for another boot of the same kernel.</summary>
    /// <param name="textBase">Where `_text` lies there.</param>
    /// <exception cref="ArgumentOutOfRangeException">No kernel image can lie there.</exception>
    public SymbolTable Rebase(Va textBase)
    {
        var textOffset = TextBase - RelativeBase;
        var relativeBase = textBase - textOffset;
        if (!IsBase(relativeBase, Values))
            throw new ArgumentOutOfRangeException(nameof(textBase), textBase, "A kernel's image lies in the upper half.");
        return new SymbolTable(relativeBase, Values, Names, _index, textOffset);
    }

    private static bool IsBase(Va relativeBase, uint[] values) =>
        relativeBase.IsUpperHalf && relativeBase.Value <= ulong.MaxValue - Frame.Size - values[^1];

    private static int FirstRelative(uint[] values)
    {
        var (low, high) = (0, values.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if ((values[middle] & AbsoluteFlag) != 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static int FindFirst(SymbolNames names, NameIndex numbers, ReadOnlySpan<byte> name)
    {
        foreach (var index in numbers.Find(name))
            if (names.Is(index, name))
                return index;
        return -1;
    }

    private int Rank(int index) => Names.Type(index) switch
    {
        'W' or 'V' => 1,
        >= 'A' and <= 'Z' => 0,
        _ => 2,
    };

    private bool IsAbsolute(int index) => (Values[index] & AbsoluteFlag) != 0;

    private Va AddressOf(int index) =>
        IsAbsolute(index) ? new Va(Values[index] & ~AbsoluteFlag) : RelativeBase + Values[index];
}
