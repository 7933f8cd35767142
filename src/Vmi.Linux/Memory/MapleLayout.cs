using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>The nodes of a maple tree (lib/maple_tree.c): `struct maple_node` and the types of node.</summary>
internal sealed class MapleLayout
{
    public MapleLayout(Profile profile)
    {
        NodeSize = (int)Math.Min(profile.SizeOf("maple_node"), Frame.Size);
        DenseSlots = Array(profile, "maple_node", "slot");
        RangePivots = Array(profile, "maple_range_64", "pivot");
        RangeSlots = Array(profile, "maple_range_64", "slot");
        GapPivots = Array(profile, "maple_arange_64", "pivot");
        GapSlots = Array(profile, "maple_arange_64", "slot");
        Dense = TypeOf(profile, "maple_dense", 0);
        Leaf64 = TypeOf(profile, "maple_leaf_64", 1);
        Range64 = TypeOf(profile, "maple_range_64", 2);
        GapRange64 = TypeOf(profile, "maple_arange_64", 3);
    }

    public int NodeSize { get; }

    public Field DenseSlots { get; }

    public Field RangePivots { get; }

    public Field RangeSlots { get; }

    public Field GapPivots { get; }

    public Field GapSlots { get; }

    public uint Dense { get; }

    public uint Leaf64 { get; }

    public uint Range64 { get; }

    public uint GapRange64 { get; }

    private Field Array(Profile profile, string name, string member)
    {
        var field = profile.Field(name, member);
        return field.Offset <= (ulong)NodeSize && field.Size <= (ulong)NodeSize - field.Offset
            ? field
            : throw new ProfileException($"The field {name}.{member} is not inside a maple_node: the profile is not sound.");
    }

    private static uint TypeOf(Profile profile, string name, uint usual) =>
        profile.TryGetEnumValue(name, out var value) ? (uint)value : usual;
}
