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
        var profile = kernel.Kernel.Profile;
        if (!table.IsUpperHalf || !profile.TryGetField("mod_kallsyms", "symtab", out var symbolsAt)
            || !profile.TryGetField("mod_kallsyms", "strtab", out var namesAt)
            || !profile.TryGetField("mod_kallsyms", "num_symtab", out var countAt)
            || !kernel.TryReadVa(table + symbolsAt.Offset, out var symbols) || !kernel.TryReadVa(table + namesAt.Offset, out var names)
            || !kernel.TryReadUInt32(table + countAt.Offset, out var count) || count > Most)
            return null;
        var entries = new byte[count * EntrySize];
        if (!kernel.TryRead(symbols, entries))
            return null;

        var (best, bestName) = (0UL, (string?)null);
        for (var i = 0; i < entries.Length; i += EntrySize)
        {
            var entry = entries.AsSpan(i, EntrySize);
            var value = BinaryPrimitives.ReadUInt64LittleEndian(entry[ValueAt..]);
            // As the kernel: of several at one address the first, none that is not defined, none without a name.
            if (BinaryPrimitives.ReadUInt16LittleEndian(entry[SectionAt..]) != 0 && value > best
                && value >= begin.Value && value <= address.Value
                && Name(names + BinaryPrimitives.ReadUInt32LittleEndian(entry)) is { Length: > 0 } name)
                (best, bestName) = (value, name);
        }

        return bestName is null ? null : new SymbolLocation(bestName, address.Value - best);

        string? Name(Va at) => kernel.ReadText(at, LongestName) is { } text ? GuestText.Decode(text) : null;
    }
}
