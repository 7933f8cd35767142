using System.Globalization;

namespace Vmi.Amd64;

/// <summary>A segment register: the selector and the hidden part, as the CPU uses it.</summary>
/// <param name="Selector">The selector.</param>
/// <param name="Base">The linear address of the segment's first byte.</param>
/// <param name="Limit">The offset of its last byte, in bytes (expanded by the granularity).</param>
/// <param name="Access">
/// The access rights as bits 8 to 23 of a descriptor's upper half have them, without the limit (Intel SDM volume 3, 25.4.1): bits 0-3
/// type, 4 S, 5-6 DPL, 7 P, 12 AVL, 13 L, 14 D/B, 15 G.
/// </param>
public readonly record struct SegmentDescriptor(SegmentSelector Selector, ulong Base, uint Limit, ushort Access)
{
    /// <summary>The type; its meaning depends on <see cref="IsSystem"/>.</summary>
    public int Type => Access & 0xF;

    /// <summary>Whether this is a system segment (TSS, LDT), S clear; else code or data.</summary>
    public bool IsSystem => !Bits.Get(Access, 4);

    /// <summary>Whether this is a code segment.</summary>
    public bool IsCode => !IsSystem && Bits.Get(Access, 3);

    /// <summary>The descriptor privilege level, 0 to 3.</summary>
    public int Dpl => (Access >> 5) & 3;

    /// <summary>P: whether the segment is present.</summary>
    public bool Present => Bits.Get(Access, 7);

    /// <summary>AVL: free for the system's use.</summary>
    public bool Available => Bits.Get(Access, 12);

    /// <summary>L: whether this is a 64-bit code segment.</summary>
    public bool LongMode => Bits.Get(Access, 13);

    /// <summary>D/B: whether operands, or the stack, have 32 bits by default.</summary>
    public bool DefaultBig => Bits.Get(Access, 14);

    /// <summary>G: whether the descriptor's limit counts units of 4 KiB.</summary>
    public bool Granularity => Bits.Get(Access, 15);

    /// <summary>The access rights out of a descriptor's upper half, which is also the form of QEMU's segment `flags`.</summary>
    public static ushort AccessOf(uint descriptorHigh) => (ushort)((descriptorHigh >> 8) & 0xF0FF);

    /// <summary>Selector, base, limit and access rights.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Selector} base 0x{Base:x} limit 0x{Limit:x} access 0x{Access:x4}");
}
