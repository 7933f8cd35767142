using System.Buffers.Binary;
using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>The symbols of a module as the kernel keeps them: `struct mod_kallsyms`, an ELF symbol table and its names.</summary>
internal static class ModuleSymbols
{
    // Elf64_Sym: st_name at 0, st_info at 4, st_other at 5, st_shndx at 6, st_value at 8, st_size at 16.
    private const int EntrySize = 24;
    private const int SectionAt = 6;
    private const int ValueAt = 8;

    // The largest modules have some 30,000.
    private const ulong Most = 1 << 17;
    private const int LongestName = 512;

    /// <summary>The last symbol at or below an address; null if there is none, or the table is not there.</summary>
    /// <param name="kernel">What reads.</param>
    /// <param name="table">The `mod_kallsyms`.</param>
    /// <param name="address">Where code is.</param>
    /// <param name="begin">Where the part of the module begins in which it is: symbols of other parts don't count.</param>
    public static SymbolLocation? Resolve(KernelReader kernel, Va table, Va address, Va begin)
    {
        if (!TryReadEntries(kernel, table, out var entries, out var names, out _))
            return null;

        var (best, bestName) = (0UL, (string?)null);
        for (var i = 0; i < entries.Length; i += EntrySize)
        {
            var entry = entries.AsSpan(i, EntrySize);
            var value = BinaryPrimitives.ReadUInt64LittleEndian(entry[ValueAt..]);
            // As the kernel: of several at one address the first, none that is not defined, none without a name.
            if (BinaryPrimitives.ReadUInt16LittleEndian(entry[SectionAt..]) != 0 && value > best
                && value >= begin.Value && value <= address.Value
                && Name(kernel, names + BinaryPrimitives.ReadUInt32LittleEndian(entry)) is { Length: > 0 } name)
                (best, bestName) = (value, name);
        }

        return bestName is null ? null : new SymbolLocation(bestName, address.Value - best);
    }

    /// <summary>All of a module's symbols that have a name, in the order of its table.</summary>
    public static VmiList<Symbol> Read(KernelReader kernel, Va table)
    {
        if (!TryReadEntries(kernel, table, out var entries, out var names, out var letters))
            return new VmiList<Symbol>([], "the module's symbol table is not there");
        var missing = new Shortfall();
        var symbols = new List<Symbol>();
        for (var i = 0; i < letters.Length; i++)
        {
            var entry = entries.AsSpan(i * EntrySize, EntrySize);
            if (Name(kernel, names + BinaryPrimitives.ReadUInt32LittleEndian(entry)) is not { } name)
                missing.Add($"the name of symbol {i} is not there");
            else if (name.Length != 0)
                symbols.Add(new Symbol(name, new Va(BinaryPrimitives.ReadUInt64LittleEndian(entry[ValueAt..])),
                    char.IsAsciiLetter((char)letters[i]) ? (char)letters[i] : SymbolTable.UnknownType, IsAbsolute: false));
        }

        return new VmiList<Symbol>(symbols, missing.ToString());
    }

    private static bool TryReadEntries(KernelReader kernel, Va table, out byte[] entries, out Va names, out byte[] letters)
    {
        var profile = kernel.Kernel.Profile;
        (entries, letters, names) = ([], [], default);
        if (!table.IsUpperHalf || !profile.TryGetField("mod_kallsyms", "symtab", out var symbolsAt)
            || !profile.TryGetField("mod_kallsyms", "strtab", out var namesAt)
            || !profile.TryGetField("mod_kallsyms", "num_symtab", out var countAt)
            || !kernel.TryReadVa(table + symbolsAt.Offset, out var symbols) || !kernel.TryReadVa(table + namesAt.Offset, out names)
            || !kernel.TryReadUInt32(table + countAt.Offset, out var count) || count > Most)
            return false;
        entries = new byte[count * EntrySize];
        letters = new byte[count];
        // A letter each, apart from the table.
        if (profile.TryGetField("mod_kallsyms", "typetab", out var lettersAt) && kernel.TryReadVa(table + lettersAt.Offset, out var at))
            kernel.TryRead(at, letters);
        return kernel.TryRead(symbols, entries);
    }

    private static string? Name(KernelReader kernel, Va at) =>
        kernel.ReadText(at, LongestName) is { } text ? GuestText.Decode(text) : null;
}
