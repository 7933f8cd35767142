using System.Buffers.Binary;

namespace Vmi.Linux;

/// <summary>
/// Walks the kernel's sparse arrays (lib/xarray.c), which its radix trees and IDRs are, too. Each child tells fewer bits of the index
/// apart than its parent, which is checked, and is visited once.
/// </summary>
internal static class XArray
{
    private const ulong Internal = 2, TypeMask = 3;
    private const ulong LastReserved = 4096; // Internal entries up to here are no nodes: siblings, and marks such as "retry".
    private const int LargestShift = 48; // Nothing that the kernel keeps stands for more indices than can be counted from here on.

    /// <summary>The pointers in the array, by index. Values (numbers in place of pointers) are left out.</summary>
    /// <param name="kernel">What reads.</param>
    /// <param name="array">The address of the `struct xarray`.</param>
    /// <param name="what">What is in it, for the reason.</param>
    public static VmiList<(ulong Index, Va Entry)> Walk(KernelReader kernel, Va array, string what)
    {
        var entries = Entries(kernel, array, what);
        return new VmiList<(ulong, Va)>(
            [.. entries.Where(each => !each.IsValue).Select(each => (each.Index, each.Entry))], entries.Incomplete);
    }

    /// <summary>The pointers and values in the array.</summary>
    /// <param name="kernel">What reads.</param>
    /// <param name="array">The address of the `struct xarray`.</param>
    /// <param name="what">What is in it, for the reason.</param>
    public static VmiList<XArrayEntry> Entries(KernelReader kernel, Va array, string what)
    {
        var layout = kernel.Layouts.XaNode;
        var missing = new Shortfall();
        var found = new List<XArrayEntry>();
        var seen = new HashSet<Va>();
        if (!kernel.TryReadVa(array + layout.Head, out var head))
            missing.Add($"the {what} at {array} are not there");
        else
            Take(head, 0, 1, 64);
        return new VmiList<XArrayEntry>(found, missing.ToString());

        void Take(Va entry, ulong index, ulong count, int bits)
        {
            switch (entry.Value & TypeMask)
            {
                case Internal when entry.Value > LastReserved:
                    Enter(entry - Internal, index, bits);
                    break;
                case Internal:
                case 0 when !entry.IsUpperHalf:
                    break;
                case var _ when found.Count >= kernel.Limits.ListEntries:
                    missing.Add($"there are more {what} than {kernel.Limits.ListEntries}");
                    break;
                default:
                    found.Add(new XArrayEntry(index, count, entry));
                    break;
            }
        }

        void Enter(Va node, ulong index, int bits)
        {
            if (seen.Count >= kernel.Limits.ListEntries || !seen.Add(node) || !kernel.TryReadStruct(node, layout, out var bytes))
            {
                missing.Add($"the node of {what} at {node} is not there, or there twice, or one too many");
                return;
            }

            var slots = bytes.ReadBytes(layout.Slots);
            var shift = (int)bytes.Read(layout.Shift);
            if (shift >= bits)
            {
                missing.Add($"the node of {what} at {node} makes no sense");
                return;
            }

            for (var i = 0; i * sizeof(ulong) < slots.Length; i++)
            {
                var siblings = 0;
                while ((i + siblings + 1) * sizeof(ulong) < slots.Length && Slot(slots, i + siblings + 1) == SiblingOf(i))
                    siblings++;
                Take(new Va(Slot(slots, i)), index | (ulong)i << shift, (ulong)(siblings + 1) << Math.Min(shift, LargestShift), shift);
            }
        }
    }

    private static ulong Slot(ReadOnlySpan<byte> slots, int number) =>
        BinaryPrimitives.ReadUInt64LittleEndian(slots[(number * sizeof(ulong))..]);

    /// <summary>What stands in the slots behind one whose entry stands for them, too (`xa_mk_sibling`).</summary>
    private static ulong SiblingOf(int slot) => (ulong)slot << 2 | Internal;
}
