using System.Globalization;
using System.Text;

namespace Vmi.Symbols;

/// <summary>Follows a path such as `mm_mt.ma_root` or `a[2].b` through structures, anonymous ones included.</summary>
internal ref struct BtfPath
{
    private readonly BtfTypes _types;

    /// <summary>
    /// The anonymous structures that one step has searched: none is searched twice, so that no blob costs more than its size.
    /// </summary>
    private HashSet<int>? _searched;

    private BtfPath(BtfTypes types) => _types = types;

    public static bool TryFind(BtfTypes types, int typeId, string path, out BtfMember member)
    {
        var search = new BtfPath(types);
        member = new BtfMember("", typeId, 0, 0);
        foreach (var part in path.Split('.'))
        {
            search._searched = null;
            var bracket = part.IndexOf('[', StringComparison.Ordinal);
            var name = bracket < 0 ? part : part[..bracket];
            if (name.Length == 0 || member.BitCount != 0
                || !search.TryStep(Encoding.UTF8.GetBytes(name), member.TypeId, 0, out var next)
                || !TryAdd(member.BitOffset, next.BitOffset, out var offset))
                return false;
            member = next with { BitOffset = offset };
            if (bracket >= 0 && !search.TryIndex(part.AsSpan(bracket), ref member))
                return false;
        }

        return true;
    }

    private bool TryStep(ReadOnlySpan<byte> name, int typeId, int depth, out BtfMember member)
    {
        member = default;
        if (depth > BtfSizes.MaxDepth || !_types.TrySkipModifiers(typeId, out var type) || !type.IsStructOrUnion)
            return false;
        for (var i = 0; i < type.ElementCount; i++)
        {
            var nameOffset = type.MemberNameOffset(i);
            if (nameOffset != 0)
            {
                if (!_types.StringBytesAt(nameOffset).SequenceEqual(name))
                    continue;
                member = AsBitField(_types, type.Member(i));
                return true;
            }

            var anonymous = type.Member(i);
            if ((_searched ??= []).Add(anonymous.TypeId) && TryStep(name, anonymous.TypeId, depth + 1, out member)
                && TryAdd(member.BitOffset, anonymous.BitOffset, out var offset))
            {
                member = member with { BitOffset = offset };
                return true;
            }
        }

        return false;
    }

    private readonly bool TryIndex(ReadOnlySpan<char> indexes, ref BtfMember member)
    {
        while (!indexes.IsEmpty)
        {
            var end = indexes.IndexOf(']');
            if (indexes[0] != '[' || end < 0 || member.BitCount != 0
                || !uint.TryParse(indexes[1..end], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                || !_types.TrySkipModifiers(member.TypeId, out var array) || array.Kind != BtfKind.Array
                || (index >= array.ArrayLength && array.ArrayLength != 0)
                || !_types.TryGetSize(array.TargetId, out var size)
                || Math.BigMul(size, (ulong)index * 8, out var bits) != 0
                || !TryAdd(member.BitOffset, bits, out var offset))
                return false;
            member = new BtfMember(member.Name, array.TargetId, offset, 0);
            indexes = indexes[(end + 1)..];
        }

        return true;
    }

    /// <summary>Old encoders mark a bit field by an integer type of fewer bits than its bytes have.</summary>
    public static BtfMember AsBitField(BtfTypes types, BtfMember member)
    {
        if (member.BitCount != 0 || !types.TrySkipModifiers(member.TypeId, out var type) || type.Kind != BtfKind.Int)
            return member;
        return (ulong)type.IntBits < type.OwnSize * 8UL || member.BitOffset % 8 != 0
            ? member with { BitOffset = member.BitOffset + (ulong)type.IntBitOffset, BitCount = type.IntBits }
            : member;
    }

    private static bool TryAdd(ulong left, ulong right, out ulong sum)
    {
        sum = unchecked(left + right);
        return sum >= left;
    }
}
