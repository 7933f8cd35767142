using System.Runtime.InteropServices;

namespace Vmi.Linux;

/// <summary>
/// Reads a maple tree (lib/maple_tree.c): each node splits the range of indices it stands for at its pivots. Each child's range is
/// inside its parent's and after its elder sibling's, which is checked, so that no node can hold more than its share.
/// </summary>
internal sealed class MapleTree(KernelReader kernel, Va root)
{
    private const ulong NodeMask = ~0xFFUL;
    private const int TypeShift = 3;
    private const uint TypeMask = 0xF;
    private const int Deepest = 31; // MAPLE_HEIGHT_MAX

    private readonly MapleLayout _layout = kernel.Layouts.Maple;
    private readonly HashSet<Va> _visited = [];

    /// <summary>The entries in the order of their indices.</summary>
    public VmiList<Va> Entries()
    {
        var entries = new List<Va>();
        var missing = new Shortfall();
        if (IsNode(root))
            Collect(root, 0, ulong.MaxValue, Deepest, entries, missing);
        return new VmiList<Va>(entries, missing.ToString());
    }

    /// <summary>The entry whose range holds an index; null if there is none.</summary>
    /// <param name="index">The index.</param>
    /// <param name="reason">Why the search ended too early; null if the answer is certain.</param>
    public Va? Find(ulong index, out string? reason)
    {
        reason = null;
        var (at, low, high) = (root, 0UL, ulong.MaxValue);
        if (!IsNode(at))
            return null;
        for (var depth = 0; depth < Deepest; depth++)
        {
            if (!TryReadNode(at, out var bytes, out var isLeaf, out var pivots, out var slots))
            {
                reason = $"the maple_node at {at & NodeMask} is not there";
                return null;
            }

            var slot = 0;
            var upper = UpperOf(bytes, pivots, slots, slot, low, high);
            while (upper is not null && upper < index)
            {
                low = upper.Value + 1;
                slot++;
                upper = UpperOf(bytes, pivots, slots, slot, low, high);
            }

            if (upper is null)
            {
                reason = $"the pivots of the maple_node at {at & NodeMask} are out of order";
                return null;
            }

            var entry = Slot(bytes, slots, slot);
            if (isLeaf || entry.IsNull)
                return IsArea(entry) ? entry : null;
            (at, high) = (entry, upper.Value);
        }

        reason = "the maple tree is too deep";
        return null;
    }

    private void Collect(Va node, ulong low, ulong high, int depth, List<Va> entries, Shortfall missing)
    {
        if (depth == 0)
        {
            missing.Add("the maple tree is too deep");
            return;
        }

        if (!_visited.Add(node & NodeMask))
        {
            missing.Add($"the maple tree goes in a circle at {node & NodeMask}");
            return;
        }

        if (!TryReadNode(node, out var bytes, out var isLeaf, out var pivots, out var slots))
        {
            missing.Add($"the maple_node at {node & NodeMask} is not there");
            return;
        }

        for (var slot = 0; ; slot++)
        {
            if (entries.Count >= kernel.Limits.ListEntries || _visited.Count > kernel.Limits.ListEntries)
            {
                missing.Add($"there are more than {kernel.Limits.ListEntries} regions");
                return;
            }

            if (UpperOf(bytes, pivots, slots, slot, low, high) is not { } upper)
            {
                missing.Add($"the pivots of the maple_node at {node & NodeMask} are out of order");
                return;
            }

            var entry = Slot(bytes, slots, slot);
            if (isLeaf && IsArea(entry))
                entries.Add(entry);
            else if (!isLeaf && !entry.IsNull)
                Collect(entry, low, upper, depth - 1, entries, missing);
            if (upper == high)
                return;
            low = upper + 1;
        }
    }

    /// <summary>The last index of a slot: its pivot, or the node's own last one where the pivots end; null if it is out of order.</summary>
    private static ulong? UpperOf(byte[] bytes, Field pivots, Field slots, int slot, ulong low, ulong high)
    {
        if (slot >= (int)(slots.Size / sizeof(ulong)))
            return null;
        if (pivots.Size == 0)
            return low;
        var pivot = slot < (int)(pivots.Size / sizeof(ulong)) ? Word(bytes, pivots, slot) : 0;
        if (pivot == 0 && slot > 0 || slot >= (int)(pivots.Size / sizeof(ulong)))
            pivot = high;
        return pivot >= low && pivot <= high ? pivot : null;
    }

    private static Va Slot(byte[] bytes, Field slots, int slot) => new(Word(bytes, slots, slot));

    private static ulong Word(byte[] bytes, Field array, int index) =>
        MemoryMarshal.Read<ulong>(bytes.AsSpan((int)array.Offset + index * sizeof(ulong)));

    /// <summary>Whether a root is a node: another one is a single entry at index 0, where no area can be.</summary>
    private static bool IsNode(Va entry) => entry.IsUpperHalf && (entry.Value & 3) == 2;

    /// <summary>Whether an entry is a pointer: the tree also holds marks, which have low bits set.</summary>
    private static bool IsArea(Va entry) => entry.IsUpperHalf && (entry.Value & 7) == 0;

    private bool TryReadNode(Va encoded, out byte[] bytes, out bool isLeaf, out Field pivots, out Field slots)
    {
        bytes = new byte[_layout.NodeSize];
        var type = (uint)(encoded.Value >> TypeShift) & TypeMask;
        isLeaf = type == _layout.Dense || type == _layout.Leaf64;
        (pivots, slots) = type == _layout.GapRange64 ? (_layout.GapPivots, _layout.GapSlots)
            : type == _layout.Dense ? (default, _layout.DenseSlots)
            : (_layout.RangePivots, _layout.RangeSlots);
        return type <= Math.Max(_layout.Range64, _layout.GapRange64) && kernel.TryRead(encoded & NodeMask, bytes);
    }
}
