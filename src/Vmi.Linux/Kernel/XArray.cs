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

    /// <summary>The pointers in the array, by index. Values (numbers in place of pointers) are left out.</summary>
    /// <param name="kernel">What reads.</param>
    /// <param name="array">The address of the `struct xarray`.</param>
    /// <param name="what">What is in it, for the reason.</param>
    public static VmiList<(ulong Index, Va Entry)> Walk(KernelReader kernel, Va array, string what)
    {
        var layout = kernel.Layouts.XaNode;
        var missing = new Shortfall();
        var found = new List<(ulong, Va)>();
        var seen = new HashSet<Va>();
        if (!kernel.TryReadVa(array + layout.Head, out var head))
            missing.Add($"the {what} at {array} are not there");
        else
            Take(head, 0, 64);
        return new VmiList<(ulong, Va)>(found, missing.ToString());

        void Take(Va entry, ulong index, int bits)
        {
            switch (entry.Value & TypeMask)
            {
                case 0 when entry.IsUpperHalf && found.Count >= kernel.Limits.ListEntries:
                    missing.Add($"there are more {what} than {kernel.Limits.ListEntries}");
                    break;
                case 0 when entry.IsUpperHalf:
                    found.Add((index, entry));
                    break;
                case Internal when entry.Value > LastReserved:
                    Enter(entry - Internal, index, bits);
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
                Take(
                    new Va(BinaryPrimitives.ReadUInt64LittleEndian(slots[(i * sizeof(ulong))..])), index | (ulong)i << shift, shift);
        }
    }
}
