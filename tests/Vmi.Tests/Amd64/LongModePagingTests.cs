using static Vmi.Tests.Cpu.TableBuilder;

namespace Vmi.Tests.Cpu;

/// <summary>4-level and 5-level paging: Intel SDM volume 3, 4.5, tables 4-14 to 4-20; tables made by hand.</summary>
public sealed class LongModePagingTests
{
    private const ulong Pml4 = 0x1000;
    private const ulong Pdpt = 0x2000;
    private const ulong Pd = 0x3000;
    private const ulong Pt = 0x4000;
    private const ulong Pml5 = 0x5000;

    [Fact]
    public void A_4_KiB_page_is_found_through_four_tables()
    {
        // Indices 0x101, 0x102, 0x103, 0x104: bits 47:39, 38:30, 29:21 and 20:12.
        const ulong va = 0xffff_0000_0000_0000 | 0x101UL << 39 | 0x102UL << 30 | 0x103UL << 21 | 0x104UL << 12 | 0xabc;
        var tables = new TableBuilder(PagingMode.FourLevel)
            .Set64(Pml4 + 0x101 * 8, Pdpt | P | W | U).Set64(Pdpt + 0x102 * 8, Pd | P | W | U)
            .Set64(Pd + 0x103 * 8, Pt | P | W | U).Set64(Pt + 0x104 * 8, 0x000f_1234_5678_9000 | P | W | U);
        var translation = tables.Translate(va);
        Assert.Equal(new Pa(0x000f_1234_5678_9abc), translation.Pa);
        Assert.Equal(12, translation.PageShift);
        Assert.True(translation is { Writable: true, User: true, Executable: true });
        PageWalkEntry[] expected =
        [
            new(4, new Pa(Pml4 + 0x808), Pdpt | 7), new(3, new Pa(Pdpt + 0x810), Pd | 7), new(2, new Pa(Pd + 0x818), Pt | 7),
            new(1, new Pa(Pt + 0x820), 0x000f_1234_5678_9007),
        ];
        Assert.Equal(expected, tables.Walk(va).Entries);
    }

    [Fact]
    public void Bit_12_of_a_2_MiB_page_is_PAT_and_not_address()
    {
        var translation = FourLevels().Set64(Pd, 0x4000_0000 | 0x1000 | Large | P).Translate(0x1f_fedc);
        Assert.Equal((new Pa(0x401f_fedc), 21), (translation.Pa, translation.PageShift));
    }

    [Fact]
    public void Bit_12_of_a_1_GiB_page_is_PAT_and_not_address()
    {
        var translation = FourLevels().Set64(Pdpt, 0x1_4000_0000 | 0x1000 | Large | P).Translate(0x3fff_fedc);
        Assert.Equal((new Pa(0x1_7fff_fedc), 30), (translation.Pa, translation.PageShift));
    }

    [Fact]
    public void Bit_7_of_a_page_table_entry_is_PAT_and_not_a_size() =>
        Assert.Equal(12, FourLevels().Set64(Pt, 0x9000 | 0x80 | P).Translate(0).PageShift);

    [Theory]
    [InlineData(Pml4, Pdpt)]
    [InlineData(Pdpt, Pd)]
    [InlineData(Pd, Pt)]
    [InlineData(Pt, 0x9000)]
    public void A_right_that_one_level_lacks_is_lacking(ulong entry, ulong target)
    {
        Assert.False(FourLevels().Set64(entry, target | P | U).Translate(0).Writable);
        Assert.False(FourLevels().Set64(entry, target | P | W).Translate(0).User);
        Assert.False(FourLevels().Set64(entry, target | P | W | U | Nx).Translate(0).Executable);
    }

    [Theory]
    [InlineData(Pml4, 4)]
    [InlineData(Pdpt, 3)]
    [InlineData(Pd, 2)]
    [InlineData(Pt, 1)]
    public void An_entry_that_is_not_present_ends_the_walk_whatever_its_other_bits(ulong entry, int level)
    {
        const ulong odd = 0xffff_ffff_ffff_fffe;
        var tables = FourLevels().Set64(entry, odd);
        var fault = tables.Fault(0x123);
        Assert.Equal(
            (TranslationFaultCause.NotPresent, level, odd, new Pa(entry), 0x123UL),
            (fault.Cause, fault.Level, fault.Entry, fault.EntryAddress, fault.Address));
        var walk = tables.Walk(0x123);
        Assert.Null(walk.Translation);
        Assert.Equal(fault, walk.Fault);
        Assert.Equal(new PageWalkEntry(level, new Pa(entry), odd), walk.Entries[^1]);
    }

    [Theory]
    [InlineData(Pml4, 3)]
    [InlineData(Pdpt, 2)]
    [InlineData(Pd, 1)]
    public void A_table_that_the_source_lacks_is_named_with_its_level(ulong entry, int level)
    {
        var fault = FourLevels().Set64(entry, 0x8000_0000 | P).Fault(0x1008);
        Assert.Equal(TranslationFaultCause.TableMissing, fault.Cause);
        Assert.Equal(level, fault.Level);
        Assert.Equal(0x8000_0000UL, fault.EntryAddress.Value & ~0xfffUL);
    }

    [Theory]
    [InlineData(Pml4, 4, Pdpt | Large)] // PS in a PML4 entry
    [InlineData(Pdpt, 3, 0x4000_0000 | Large | 1 << 13)] // bits 13 to 29 of a 1 GiB page
    [InlineData(Pdpt, 3, 0x4000_0000 | Large | 1 << 29)]
    [InlineData(Pd, 2, 0x4000_0000 | Large | 1 << 13)] // bits 13 to 20 of a 2 MiB page
    [InlineData(Pd, 2, 0x4000_0000 | Large | 1 << 20)]
    [InlineData(Pml4, 4, Pdpt | 1UL << 40)] // above MAXPHYADDR
    [InlineData(Pdpt, 3, Pd | 1UL << 51)]
    [InlineData(Pd, 2, Pt | 1UL << 45)]
    [InlineData(Pt, 1, 0x9000 | 1UL << 40)]
    public void A_reserved_bit_ends_the_walk(ulong entry, int level, ulong value)
    {
        var tables = FourLevels(PagingMode.FourLevel with { PhysicalAddressBits = 40 }).Set64(entry, value | P);
        var fault = tables.Fault(0);
        Assert.Equal((TranslationFaultCause.ReservedBit, level, value | P), (fault.Cause, fault.Level, fault.Entry));
    }

    [Theory]
    [InlineData(Pml4, Pdpt)]
    [InlineData(Pdpt, Pd)]
    [InlineData(Pd, Pt)]
    [InlineData(Pt, 0x9000)]
    public void Bit_63_is_reserved_while_EFER_NXE_is_clear(ulong entry, ulong target) =>
        Assert.Equal(
            TranslationFaultCause.ReservedBit,
            FourLevels(PagingMode.FourLevel with { NoExecute = false }).Set64(entry, target | P | Nx).Fault(0).Cause);

    [Theory]
    [InlineData(Pml4, Pdpt)]
    [InlineData(Pdpt, Pd)]
    [InlineData(Pd, Pt)]
    [InlineData(Pt, 0x9000)]
    public void Bits_52_to_62_are_ignored_or_a_protection_key(ulong entry, ulong target) =>
        Assert.Equal(new Pa(0x9000), FourLevels().Set64(entry, target | P | 0x7ff0_0000_0000_0000).Translate(0).Pa);

    [Theory]
    [InlineData(0x0000_7fff_ffff_ffff, true)]
    [InlineData(0x0000_8000_0000_0000, false)]
    [InlineData(0xffff_7fff_ffff_ffff, false)]
    [InlineData(0xffff_8000_0000_0000, true)]
    [InlineData(0x8000_0000_0000_0000, false)]
    public void With_four_levels_bits_47_to_63_are_equal(ulong va, bool canonical) =>
        Assert.Equal(canonical, FourLevels().Fault(va).Cause != TranslationFaultCause.NonCanonical);

    [Theory]
    [InlineData(0x00ff_ffff_ffff_ffff, true)]
    [InlineData(0x0100_0000_0000_0000, false)]
    [InlineData(0xfeff_ffff_ffff_ffff, false)]
    [InlineData(0xff00_0000_0000_0000, true)]
    [InlineData(0x0000_8000_0000_0000, true)]
    public void With_five_levels_bits_56_to_63_are_equal(ulong va, bool canonical) =>
        Assert.Equal(canonical, new TableBuilder(PagingMode.FiveLevel, Pml5).Fault(va).Cause != TranslationFaultCause.NonCanonical);

    [Fact]
    public void With_five_levels_bits_48_to_56_choose_the_entry_of_the_top_table()
    {
        var tables = FourLevels(PagingMode.FiveLevel, Pml5).Set64(Pml5 + 0x155 * 8, Pml4 | P | W | U);
        const ulong va = 0xff00_0000_0000_0000 | 0x155UL << 48 | 0x123;
        Assert.Equal(new Pa(0x9123), tables.Translate(va).Pa);
        Assert.Equal([5, 4, 3, 2, 1], tables.Walk(va).Entries.Select(entry => entry.Level));
        Assert.Equal(TranslationFaultCause.NotPresent, tables.Fault(va ^ 1UL << 48).Cause);
    }

    [Fact]
    public void PS_is_reserved_in_the_fifth_level()
    {
        var fault = FourLevels(PagingMode.FiveLevel, Pml5).Set64(Pml5, Pml4 | P | Large).Fault(0);
        Assert.Equal((TranslationFaultCause.ReservedBit, 5), (fault.Cause, fault.Level));
    }

    [Fact]
    public void A_root_with_PCID_and_flags_means_the_same_table() =>
        Assert.Equal(new Pa(0x9123), FourLevels(PagingMode.FourLevel, Pml4 | 0xfff | 7UL << 61).Translate(0x123).Pa);

    [Fact]
    public void A_root_that_the_source_lacks_is_a_missing_table()
    {
        var fault = new TableBuilder(PagingMode.FourLevel, 0x8000_0000).Fault(0x8_0000_0000_0);
        Assert.Equal((TranslationFaultCause.TableMissing, 4), (fault.Cause, fault.Level));
    }

    private static TableBuilder FourLevels() => FourLevels(PagingMode.FourLevel);

    /// <summary>Address 0 is mapped to 0x9000 with all rights.</summary>
    private static TableBuilder FourLevels(PagingMode mode, ulong root = Pml4) => new TableBuilder(mode, root)
        .Set64(Pml4, Pdpt | P | W | U).Set64(Pdpt, Pd | P | W | U).Set64(Pd, Pt | P | W | U).Set64(Pt, 0x9000 | P | W | U);
}
