using System.Globalization;
using System.Runtime.CompilerServices;

namespace Vmi.Amd64;

/// <summary>
/// An entry of a page table of any level: of 8 bytes, or of 4 with <see cref="PagingLevels.Legacy"/> (Intel SDM volume 3, 4.3 to 4.5).
/// What a bit means depends on the level: 1 for the page table (PT), 2 PD, 3 PDPT, 4 PML4, 5 PML5.
/// </summary>
/// <param name="Value">The entry.</param>
public readonly record struct PageTableEntry(ulong Value)
{
    private const int LargePat = 12;

    /// <summary>P: whether the entry maps anything. If not, the other bits mean nothing to the CPU.</summary>
    public bool Present => Bits.Get(Value, 0);

    /// <summary>R/W: whether writing is allowed.</summary>
    public bool Writable => Bits.Get(Value, 1);

    /// <summary>U/S: whether user mode may use it.</summary>
    public bool User => Bits.Get(Value, 2);

    /// <summary>PWT: the first bit of the memory type's index.</summary>
    public bool WriteThrough => Bits.Get(Value, 3);

    /// <summary>PCD: the second bit of the memory type's index.</summary>
    public bool CacheDisable => Bits.Get(Value, 4);

    /// <summary>A: whether the CPU has used it.</summary>
    public bool Accessed => Bits.Get(Value, 5);

    /// <summary>D: whether the CPU has written to the page. Of leaves only.</summary>
    public bool Dirty => Bits.Get(Value, 6);

    /// <summary>PS, bit 7: above level 1, whether the entry maps a large page. At level 1 the same bit is PAT.</summary>
    public bool PageSize => Bits.Get(Value, 7);

    /// <summary>G: whether the translation stays when CR3 changes. Of leaves only.</summary>
    public bool Global => Bits.Get(Value, 8);

    /// <summary>XD or NX, bit 63: whether execution is forbidden, where EFER.NXE is set. Not in entries of 4 bytes.</summary>
    public bool NoExecute => Bits.Get(Value, 63);

    /// <summary>The protection key of a leaf, 0 to 15 (4-level and 5-level paging, CR4.PKE or CR4.PKS).</summary>
    public int ProtectionKey => Bits.Get(Value, 59, 4);

    /// <summary>PAT: the third bit of the memory type's index. Of leaves only: bit 7 at level 1, bit 12 in a large page.</summary>
    public bool PageAttributeTable(int level) => Bits.Get(Value, level == 1 ? 7 : LargePat);

    /// <summary>Whether a present entry maps a page, and not a further table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsLeaf(int level, PagingMode mode) => level switch
    {
        1 => true,
        2 => PageSize && (mode.Levels != PagingLevels.Legacy || mode.PageSizeExtensions),
        3 => PageSize && mode.Levels is PagingLevels.Four or PagingLevels.Five,
        _ => false,
    };

    /// <summary>The physical address of the page, or of the further table, that a present entry refers to.</summary>
    public Pa Target(int level, PagingMode mode) => Target(level, mode, AddressMask(mode));

    /// <summary>Whether a present entry has a bit set that the CPU would raise a page fault for.</summary>
    public bool HasReservedBits(int level, PagingMode mode) => HasReservedBits(level, mode, AddressMask(mode));

    /// <summary>The bits that physical addresses have.</summary>
    internal static ulong AddressMask(PagingMode mode) => (1UL << Math.Clamp(mode.PhysicalAddressBits, (byte)32, (byte)52)) - 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Pa Target(int level, PagingMode mode, ulong addressMask)
    {
        if (mode.Levels != PagingLevels.Legacy)
        {
            // In a large page bit 12 is PAT, not address.
            var shift = IsLeaf(level, mode) ? PageShift(level, mode) : Frame.Shift;
            return new Pa(Value & addressMask & ~((1UL << shift) - 1));
        }

        if (level == 1 || !IsLeaf(level, mode))
            return new Pa(Value & 0xFFFF_F000);
        // PSE-36: bits 13 to 20 are bits 32 to 39 of the address.
        return new Pa(Value & 0xFFC0_0000 | (Value >> 13 & 0xFF) << 32 & addressMask);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool HasReservedBits(int level, PagingMode mode, ulong addressMask) => (Value & ReservedMask(level, mode, addressMask)) != 0;

    /// <summary>The size, as a power of two, of a page that an entry of this level maps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int PageShift(int level, PagingMode mode) =>
        Frame.Shift + (level - 1) * (mode.Levels == PagingLevels.Legacy ? 10 : 9);

    /// <summary>`0x` and lower-case hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x}");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong ReservedMask(int level, PagingMode mode, ulong addressMask)
    {
        const ulong bits52To62 = 0x7FF0_0000_0000_0000;
        const ulong bit63 = 1UL << 63;
        if (mode.Levels == PagingLevels.Legacy)
        {
            var unusedHigh = ~(addressMask >> 19) & 0x1F_E000;
            return level == 2 && IsLeaf(level, mode) ? 1UL << 21 | unusedHigh : 0;
        }

        var reserved = 0x000F_FFFF_FFFF_FFFF & ~addressMask;
        if (!mode.NoExecute)
            reserved |= bit63;
        // Of PAE's top table a CPU wants bit 5 clear, but QEMU (TCG) marks it there as accessed.
        if (mode.Levels == PagingLevels.Pae)
            reserved |= level == 3 ? bits52To62 | bit63 | 0x1C6 : bits52To62;
        if (level >= 4)
            reserved |= 1UL << 7;
        else if (level > 1 && IsLeaf(level, mode))
            reserved |= (1UL << PageShift(level, mode)) - 1 & ~((2UL << LargePat) - 1);
        return reserved;
    }
}
