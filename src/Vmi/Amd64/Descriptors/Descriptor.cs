using System.Globalization;

namespace Vmi.Amd64;

/// <summary>An entry of the GDT or an LDT: 8 bytes; system segments of long mode 16 (Intel SDM volume 3, 3.4.5 and 8.2.3).</summary>
/// <param name="Selector">The selector of the entry, with RPL 0.</param>
/// <param name="Low">The first 8 bytes.</param>
/// <param name="High">The second 8 bytes; 0 where the entry has 8.</param>
public readonly record struct Descriptor(SegmentSelector Selector, ulong Low, ulong High)
{
    /// <summary>Whether all of it is zero: an entry not in use.</summary>
    public bool IsNull => Low == 0 && High == 0;

    /// <summary>Whether this is a system segment or a gate, S clear; else code or data.</summary>
    public bool IsSystem => !Bits.Get(Low, 44);

    /// <summary>The type; its meaning depends on <see cref="IsSystem"/>.</summary>
    public int Type => Bits.Get(Low, 40, 4);

    /// <summary>Whether this is a gate (a call gate or a task gate), which has no base and limit.</summary>
    public bool IsGate => IsSystem && Type is 4 or 5 or 6 or 7 or 12 or 14 or 15;

    /// <summary>The offset of a call gate's target in its code segment.</summary>
    public Va GateOffset => new(Low & 0xFFFF | Low >> 32 & 0xFFFF_0000 | High << 32);

    /// <summary>The code segment of a call gate's target, or the TSS of a task gate.</summary>
    public SegmentSelector GateSelector => new((ushort)(Low >> 16));

    /// <summary>The segment as a segment register holds it when loaded from here.</summary>
    public SegmentDescriptor Segment => new(Selector, Base, Limit, SegmentDescriptor.AccessOf((uint)(Low >> 32)));

    private ulong Base => Low >> 16 & 0xFF_FFFF | Low >> 32 & 0xFF00_0000 | High << 32;

    private uint Limit
    {
        get
        {
            var limit = (uint)(Low & 0xFFFF | Low >> 32 & 0xF_0000);
            return Bits.Get(Low, 55) ? limit << 12 | 0xFFF : limit;
        }
    }

    /// <summary>Selector and bytes.</summary>
    public override string ToString() => High == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Selector}: 0x{Low:x16}")
        : string.Create(CultureInfo.InvariantCulture, $"{Selector}: 0x{Low:x16} 0x{High:x16}");
}
