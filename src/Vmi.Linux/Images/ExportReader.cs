using System.Buffers.Binary;

namespace Vmi.Linux;

/// <summary>Reads the dynamic symbol table of a mapped ELF image: segment PT_DYNAMIC, then what its entries point at.</summary>
internal sealed class ExportReader(VmiMemory memory, AddressContext imageBase, LinuxImage image)
{
    private const uint Load = 1;
    private const uint Dynamic = 2;
    private const int MostDynamicEntries = 1024;
    private const int LongestName = 4096;
    private const int TlsSymbol = 6;

    private readonly bool _is64 = image.Architecture == VmiImageArchitecture.Amd64;
    private readonly Dictionary<ulong, ulong> _dynamic = [];
    private ulong _bias;

    private enum Tag : ulong
    {
        Hash = 4,
        Strings = 5,
        Symbols = 6,
        GnuHash = 0x6fff_fef5,
    }

    private int Word => _is64 ? 8 : 4;

    public VmiList<VmiImageExport> Read()
    {
        ReadDynamic();
        if (Table(Tag.Symbols) is not { } symbols || Table(Tag.Strings) is not { } strings)
            return new VmiList<VmiImageExport>([]);

        var count = CountSymbols(out var reason);
        var missing = new Shortfall();
        missing.Add(reason);
        if (count > (ulong)memory.Limits.ListEntries)
        {
            missing.Add($"the image has more than {memory.Limits.ListEntries} symbols");
            count = (ulong)memory.Limits.ListEntries;
        }

        var exports = new List<VmiImageExport>();
        long nameBytes = 0;
        Span<byte> symbol = stackalloc byte[_is64 ? 24 : 16];
        for (var i = 1UL; i < count; i++)
        {
            if (!memory.TryRead(symbols + i * (ulong)symbol.Length, symbol, out var fault))
            {
                missing.Add($"the symbol table is not all there: {fault}");
                break;
            }

            var nameAt = BinaryPrimitives.ReadUInt32LittleEndian(symbol);
            var section = BinaryPrimitives.ReadUInt16LittleEndian(symbol[(_is64 ? 6 : 14)..]);
            var info = symbol[_is64 ? 4 : 12];
            // Those with section 0 are wanted from elsewhere; local ones are nobody else's; thread-local ones have no address.
            if (section == 0 || info >> 4 == 0 || (info & 0xF) == TlsSymbol || nameAt == 0)
                continue;
            if (!memory.TryReadStringBytes(strings + nameAt, LongestName, out var name, out fault))
            {
                missing.Add($"a name of the symbol table is not there: {fault}");
                continue;
            }

            nameBytes += name.Length;
            if (nameBytes > memory.Limits.TableBytes)
            {
                missing.Add($"the names of its symbols have more than {memory.Limits.TableBytes} bytes");
                break;
            }

            var value = _is64 ? BinaryPrimitives.ReadUInt64LittleEndian(symbol[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(symbol[4..]);
            exports.Add(new VmiImageExport(GuestText.Decode(name), new Va(unchecked(_bias + value))));
        }

        return new VmiList<VmiImageExport>(exports, missing.ToString());
    }

    /// <summary>Finds the image's shift (its base less the address it was linked for) and its dynamic entries.</summary>
    private void ReadDynamic()
    {
        Span<byte> header = stackalloc byte[_is64 ? 56 : 32];
        var (hasBias, dynamicAt) = (false, default(ulong?));
        for (var i = 0; i < image.HeaderCount; i++)
        {
            memory.Read(imageBase + image.HeadersAt + (ulong)(i * header.Length), header);
            var type = BinaryPrimitives.ReadUInt32LittleEndian(header);
            var offset = WordAt(header, _is64 ? 8 : 4);
            var address = WordAt(header, _is64 ? 16 : 8);
            if (type == Load && !hasBias)
                (hasBias, _bias) = (true, unchecked(imageBase.Va.Value - (address - offset)));
            else if (type == Dynamic)
                dynamicAt = address;
        }

        if (dynamicAt is not { } at)
            return;
        Span<byte> entry = stackalloc byte[2 * Word];
        for (var i = 0; i < MostDynamicEntries; i++)
        {
            memory.Read(imageBase with { Va = new Va(unchecked(_bias + at)) + (ulong)(i * entry.Length) }, entry);
            var tag = WordAt(entry, 0);
            if (tag == 0)
                break;
            _dynamic.TryAdd(tag, WordAt(entry, Word));
        }
    }

    /// <summary>Where a table is. The dynamic linker writes addresses over the offsets; in the vdso nobody does.</summary>
    private AddressContext? Table(Tag tag)
    {
        if (!_dynamic.TryGetValue((ulong)tag, out var value))
            return null;
        var isRelocated = value >= imageBase.Va.Value && _bias != 0;
        return imageBase with { Va = new Va(isRelocated ? value : unchecked(_bias + value)) };
    }

    /// <summary>No field says how many symbols there are: the hash tables know.</summary>
    private ulong CountSymbols(out string? reason)
    {
        reason = null;
        if (Table(Tag.Hash) is { } hash)
            return memory.ReadUInt32(hash + sizeof(uint));
        if (Table(Tag.GnuHash) is { } gnuHash)
            return CountByGnuHash(gnuHash, out reason);
        reason = "the image has no hash table, which would tell how many symbols it has";
        return 0;
    }

    /// <summary>The chain of the highest bucket ends with the last symbol.</summary>
    private ulong CountByGnuHash(AddressContext hash, out string? reason)
    {
        reason = null;
        var buckets = memory.ReadUInt32(hash);
        var first = memory.ReadUInt32(hash + 4);
        var filters = memory.ReadUInt32(hash + 8);
        var bucketsAt = hash + (16 + (ulong)filters * (ulong)Word);
        var limit = (ulong)memory.Limits.ListEntries;
        if (buckets > limit)
        {
            reason = $"the hash table has {buckets} buckets";
            return 0;
        }

        ulong last = 0;
        for (var i = 0UL; i < buckets; i++)
            last = Math.Max(last, memory.ReadUInt32(bucketsAt + i * sizeof(uint)));
        if (last < first)
            return first;
        var chains = bucketsAt + (ulong)buckets * sizeof(uint);
        while (last < limit && (memory.ReadUInt32(chains + (last - first) * sizeof(uint)) & 1) == 0)
            last++;
        return last + 1;
    }

    private ulong WordAt(ReadOnlySpan<byte> bytes, int offset) => _is64
        ? BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..])
        : BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);
}
