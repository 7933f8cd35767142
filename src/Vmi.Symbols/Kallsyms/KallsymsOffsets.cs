using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Vmi.Symbols;

/// <summary>
/// Finds the addresses that belong to the names of kallsyms: 32 bits a symbol (`kallsyms_offsets`), in one of three encodings.
/// <list type="bullet">
/// <item>With absolute per-CPU symbols (`CONFIG_KALLSYMS_ABSOLUTE_PERCPU`, AMD64 until 6.14): what is not negative is an absolute
/// symbol, what is negative counts down from `kallsyms_relative_base` - 1.</item>
/// <item>Without: unsigned, counted up from `kallsyms_relative_base`.</item>
/// <item>Since 7.0: signed, counted from where the number itself lies; no `kallsyms_relative_base`.</item>
/// </list>
/// </summary>
internal static class KallsymsOffsets
{
    public static IEnumerable<SymbolTable> FindAll(KernelImage image, SymbolNames names, Va namesStart, Va tokensEnd, uint unit)
    {
        var length = KallsymsFinder.Align((ulong)names.Count * 4, unit);
        // Each reading is tried; as relative_base is the lowest symbol of the image, no two of them agree.
        foreach (var (start, baseAt) in new[] { (namesStart - 16 - length, namesStart - 16), (tokensEnd, tokensEnd + length) })
        {
            if (image.TryRead(start, (ulong)names.Count * 4, int.MaxValue) is not { } bytes)
                continue;
            var offsets = MemoryMarshal.Cast<byte, uint>(bytes).ToArray();
            var pointer = new byte[8];
            if (image.TryRead(baseAt, pointer))
            {
                var relativeBase = new Va(BinaryPrimitives.ReadUInt64LittleEndian(pointer));
                if (Accept(image, names, relativeBase, FromAbsolutePerCpu(offsets)) is { } first)
                    yield return first;
                if (Accept(image, names, relativeBase, FromRelative(offsets)) is { } second)
                    yield return second;
            }

            if (start == tokensEnd && FromPlace(start, offsets, out var lowest) is { } values
                && Accept(image, names, lowest, values) is { } third)
                yield return third;
        }
    }

    private static uint[]? FromAbsolutePerCpu(uint[] offsets)
    {
        var values = new uint[offsets.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = (int)offsets[i] >= 0 ? offsets[i] | SymbolTable.AbsoluteFlag : ~offsets[i];
        return values.Contains(0u) ? values : null;
    }

    private static uint[]? FromRelative(uint[] offsets) =>
        offsets[0] == 0 && !offsets.AsSpan().ContainsAnyInRange(SymbolTable.AbsoluteFlag, uint.MaxValue) ? offsets : null;

    private static uint[]? FromPlace(Va start, uint[] offsets, out Va lowest)
    {
        lowest = Address(0);
        // Code lies below the tables. Offsets from a base would seem to start at the table itself.
        if (lowest >= start)
            return null;
        var values = new uint[offsets.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var distance = Address(i) - lowest;
            if (distance >= SymbolTable.AbsoluteFlag)
                return null;
            values[i] = (uint)distance;
        }

        return values;

        Va Address(int index) => start + (ulong)index * 4 + (ulong)(int)offsets[index];
    }

    /// <summary>The table, if its addresses rise, lie about the image, and `linux_banner`, where known, is the banner.</summary>
    private static SymbolTable? Accept(KernelImage image, SymbolNames names, Va relativeBase, uint[]? values)
    {
        if (values is null || relativeBase - image.Start + KernelImage.MaxLength > 2 * KernelImage.MaxLength
            || SymbolTable.TryCreate(relativeBase, values, names) is not { } symbols)
            return null;
        Span<byte> banner = stackalloc byte[KernelIdentity.BannerStart.Length];
        return symbols.TryGetAddress("linux_banner", out var address) && image.TryRead(address, banner)
            && !banner.SequenceEqual(KernelIdentity.BannerStart) ? null : symbols;
    }
}
