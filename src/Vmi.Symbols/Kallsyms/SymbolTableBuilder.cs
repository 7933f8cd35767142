using System.Text;

namespace Vmi.Symbols;

/// <summary>Makes a symbol table of names and addresses that come from elsewhere than kallsyms.</summary>
internal sealed class SymbolTableBuilder
{
    private readonly List<(ulong Address, char Type, string Name)> _symbols = [];
    private readonly List<(ulong Address, char Type, string Name)> _absolute = [];

    /// <summary>
    /// Takes a symbol. One that lies neither in the kernel's part of the address space nor below 2 GiB, where per-CPU variables have their
    /// offsets, is left out, and so is a name that kallsyms could not have.
    /// </summary>
    public void Add(ulong address, char type, string name)
    {
        if (name.Length is 0 or > SymbolNames.MaxNameLength || name.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return;
        if (address < SymbolTable.AbsoluteFlag)
            _absolute.Add((address, type, name));
        else if (new Va(address).IsUpperHalf)
            _symbols.Add((address, type, name));
    }

    /// <summary>The table; null if there is no `_text`, or it has more entries than allowed.</summary>
    public SymbolTable? Build(int maxSymbols)
    {
        if (_symbols.Find(symbol => symbol.Name == "_text") is not { Name: not null } text)
            return null;
        _symbols.RemoveAll(symbol => symbol.Address - text.Address + KernelImage.MaxLength >= 2 * KernelImage.MaxLength);
        var all = _absolute.OrderBy(symbol => symbol.Address).Concat(_symbols.OrderBy(symbol => symbol.Address)).ToList();
        if (all.Count > maxSymbols)
            return null;

        var lowest = all[_absolute.Count].Address;
        var values = new uint[all.Count];
        using var names = new MemoryStream();
        for (var i = 0; i < values.Length; i++)
        {
            var (address, type, name) = all[i];
            values[i] = i < _absolute.Count ? (uint)address | SymbolTable.AbsoluteFlag : (uint)(address - lowest);
            var length = name.Length + 1;
            names.WriteByte((byte)(length > 0x7f ? length & 0x7f | 0x80 : length));
            if (length > 0x7f)
                names.WriteByte((byte)(length >> 7));
            names.WriteByte((byte)type);
            names.Write(Encoding.ASCII.GetBytes(name));
        }

        return SymbolNames.TryRead(names.ToArray(), TokenTable.Characters, values.Length) is { } read
            ? SymbolTable.TryCreate(new Va(lowest), values, read)
            : null;
    }
}
