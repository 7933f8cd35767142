using System.Runtime.InteropServices;
using System.Text;

namespace Vmi.Symbols;

/// <summary>Finds types and enumerators of a BTF blob, without its base, by name; each index is made when first used.</summary>
internal sealed class BtfNames(BtfTypes types)
{
    /// <summary>More than any kernel has (about 40 000); a blob made to cost memory ends here.</summary>
    private const int MaxEnumerators = 1 << 20;

    private readonly Lazy<NameIndex> _types = new(() => IndexTypes(types));
    private readonly Lazy<(NameIndex Names, int[] Ids)> _enumerators = new(() => IndexEnumerators(types));

    /// <summary>The first type of that name and kind, one with members before one without.</summary>
    public BtfType? Find(string name, Func<BtfKind, bool> isWanted)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        BtfType? empty = null;
        foreach (var id in _types.Value.Find(bytes))
        {
            var type = types[id];
            if (!isWanted(type.Kind) || !types.StringBytesAt(type.NameOffset).SequenceEqual(bytes))
                continue;
            if (type.ElementCount != 0 || type.Kind == BtfKind.Typedef)
                return type;
            empty ??= type;
        }

        return empty;
    }

    /// <summary>The value of the first enumerator of that name.</summary>
    public bool TryFindEnumerator(string name, out long value)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        var (names, ids) = _enumerators.Value;
        foreach (var ordinal in names.Find(bytes))
        {
            // ids[n] is the type, and ids[n + 1] the index within it, of enumerator n / 2.
            var type = types[ids[ordinal * 2]];
            var index = ids[ordinal * 2 + 1];
            if (!types.StringBytesAt(type.EnumeratorNameOffset(index)).SequenceEqual(bytes))
                continue;
            value = type.EnumeratorValue(index);
            return true;
        }

        value = 0;
        return false;
    }

    private static NameIndex IndexTypes(BtfTypes types)
    {
        var keys = new List<ulong>();
        for (var id = Math.Max(types.FirstId, 1); id < types.Count; id++)
        {
            var type = types[id];
            if (type.NameOffset != 0 && (type.IsStructOrUnion || type.IsEnum || type.Kind == BtfKind.Typedef))
                keys.Add(NameIndex.Key(types.StringBytesAt(type.NameOffset), id));
        }

        return new NameIndex(CollectionsMarshal.AsSpan(keys));
    }

    private static (NameIndex Names, int[] Ids) IndexEnumerators(BtfTypes types)
    {
        var keys = new List<ulong>();
        var ids = new List<int>();
        for (var id = Math.Max(types.FirstId, 1); id < types.Count; id++)
        {
            var type = types[id];
            for (var index = 0; type.IsEnum && index < type.ElementCount && keys.Count < MaxEnumerators; index++)
            {
                keys.Add(NameIndex.Key(types.StringBytesAt(type.EnumeratorNameOffset(index)), ids.Count / 2));
                ids.Add(id);
                ids.Add(index);
            }
        }

        return (new NameIndex(CollectionsMarshal.AsSpan(keys)), [.. ids]);
    }
}
