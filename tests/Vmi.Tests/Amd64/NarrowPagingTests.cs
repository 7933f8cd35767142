using static Vmi.Tests.Cpu.TableBuilder;

namespace Vmi.Tests.Cpu;

/// <summary>No paging, 32-bit paging and PAE paging: Intel SDM volume 3, 4.3 and 4.4; tables made by hand.</summary>
public sealed class NarrowPagingTests
{
    private const uint Pd = 0x2000;
    private const uint Pt = 0x3000;
    private const uint Flags = 7;

    private static readonly PagingMode Legacy = new(PagingLevels.Legacy);
    private static readonly PagingMode Pae = new(PagingLevels.Pae);

    [Fact]
    public void Without_paging_an_address_below_4_GiB_is_physical()
    {
        var tables = new TableBuilder(new PagingMode(PagingLevels.None));
        Assert.Equal(new Pa(0xffff_ffff), tables.Translate(0xffff_ffff).Pa);
        Assert.Equal(TranslationFaultCause.NonCanonical, tables.Fault(0x1_0000_0000).Cause);
        Assert.Empty(tables.Walk(0x1000).Entries);
    }

    [Fact]
    public void A_4_KiB_page_of_32_bit_paging_is_found_through_two_tables()
    {
        var tables = new TableBuilder(Legacy, Pd).Set32(Pd + 0x3fd * 4, Pt | Flags).Set32(Pt + 0x201 * 4, 0xfedc_b000 | 0x80 | Flags);
        const ulong va = 0x3fdUL << 22 | 0x201 << 12 | 0xabc;
        Assert.Equal(
            new PageTranslation { Pa = new Pa(0xfedc_babc), PageShift = 12, Writable = true, User = true, Executable = true },
            tables.Translate(va));
        Assert.Equal(
            [new PageWalkEntry(2, new Pa(Pd + 0xff4), Pt | Flags), new PageWalkEntry(1, new Pa(Pt + 0x804), 0xfedc_b087)],
            tables.Walk(va).Entries);
        Assert.Equal(TranslationFaultCause.NonCanonical, tables.Fault(va | 1UL << 32).Cause);
    }

    [Theory]
    [InlineData(0x0040_0000u, 0x0040_0000UL)]
    [InlineData(0x0040_1000u, 0x0040_0000UL)] // PAT
    [InlineData(0xffc0_2000u, 0x1_ffc0_0000UL)] // bit 13 is bit 32
    [InlineData(0x0010_0000u, 0x80_0000_0000UL)] // bit 20 is bit 39
    [InlineData(0x001f_e000u, 0xff_0000_0000UL)]
    public void A_4_MiB_page_has_its_upper_address_bits_in_the_middle(uint entry, ulong pa)
    {
        var translation = new TableBuilder(Legacy, Pd).Set32(Pd, entry | 0x81).Translate(0x3f_fedc);
        Assert.Equal((new Pa(pa + 0x3f_fedc), 22), (translation.Pa, translation.PageShift));
    }

    [Theory]
    [InlineData(1u << 21, 40)]
    [InlineData(1u << 20, 39)] // bit 39 of the address
    [InlineData(1u << 13, 32)]
    public void A_reserved_bit_of_a_4_MiB_page_ends_the_walk(uint bit, byte physicalBits)
    {
        var fault = new TableBuilder(Legacy with { PhysicalAddressBits = physicalBits }, Pd).Set32(Pd, bit | 0x81).Fault(0);
        Assert.Equal((TranslationFaultCause.ReservedBit, 2, bit | 0x81), (fault.Cause, fault.Level, fault.Entry));
    }

    [Fact]
    public void Without_CR4_PSE_bit_7_of_a_directory_entry_is_ignored()
    {
        var tables = new TableBuilder(Legacy with { PageSizeExtensions = false }, Pd).Set32(Pd, Pt | 0x80 | Flags).Set32(Pt, 0x9007);
        Assert.Equal((new Pa(0x9123), 12), (tables.Translate(0x123).Pa, tables.Translate(0x123).PageShift));
    }

    [Fact]
    public void Rights_of_both_levels_of_32_bit_paging_count()
    {
        var translation = new TableBuilder(Legacy, Pd).Set32(Pd, Pt | 0x3).Set32(Pt, 0x9005).Translate(0);
        Assert.True(translation is { Writable: false, User: false, Executable: true });
    }

    [Fact]
    public void The_top_table_of_PAE_paging_is_aligned_to_32_bytes()
    {
        // Entry 2 of the top table, entries 0x101 and 0x102 below; PWT and PCD set in CR3.
        var tables = new TableBuilder(Pae, 0x1fe0 | 0x18).Set64(0x1fe0 + 2 * 8, Pd | P | 0x18)
            .Set64(Pd + 0x101 * 8, Pt | P | W | U).Set64(Pt + 0x102 * 8, 0x000f_0000_1234_5000 | P | W | U);
        const ulong va = 2UL << 30 | 0x101 << 21 | 0x102 << 12 | 0xabc;
        Assert.Equal(
            new PageTranslation { Pa = new Pa(0x000f_0000_1234_5abc), PageShift = 12, Writable = true, User = true, Executable = true },
            tables.Translate(va));
        Assert.Equal([3, 2, 1], tables.Walk(va).Entries.Select(entry => entry.Level));
        Assert.Equal(TranslationFaultCause.NonCanonical, tables.Fault(va | 1UL << 32).Cause);
    }

    [Fact]
    public void A_2_MiB_page_of_PAE_paging_has_PAT_in_bit_12()
    {
        var translation = PaeTables().Set64(Pd, 0x8_0000_0000 | 0x1000 | Large | P | U | Nx).Translate(0x1f_fedc);
        Assert.Equal(new PageTranslation { Pa = new Pa(0x8_001f_fedc), PageShift = 21, User = true }, translation);
    }

    [Theory]
    [InlineData(0x2)] // R/W and U/S are reserved in the top table
    [InlineData(0x4)]
    [InlineData(0x40)]
    [InlineData(0x80)]
    [InlineData(0x100)]
    [InlineData(1L << 52)]
    [InlineData(long.MinValue)] // so is bit 63
    public void A_reserved_bit_in_the_top_table_of_PAE_ends_the_walk(long bit)
    {
        var fault = PaeTables().Set64(0x1000, Pd | P | (ulong)bit).Fault(0);
        Assert.Equal((TranslationFaultCause.ReservedBit, 3), (fault.Cause, fault.Level));
    }

    [Theory]
    [InlineData(Pd, 2, Pt | 1UL << 52)]
    [InlineData(Pd, 2, Pt | 1UL << 62)]
    [InlineData(Pd, 2, 0x20_0000 | Large | 1 << 13)]
    [InlineData(Pt, 1, 0x9000 | 1UL << 52)]
    public void A_reserved_bit_below_the_top_table_of_PAE_ends_the_walk(ulong entry, int level, ulong value)
    {
        var fault = PaeTables().Set64(entry, value | P).Fault(0);
        Assert.Equal((TranslationFaultCause.ReservedBit, level), (fault.Cause, fault.Level));
    }

    [Fact]
    public void NX_of_PAE_paging_forbids_execution_where_EFER_NXE_is_set()
    {
        Assert.False(PaeTables().Set64(Pt, 0x9000 | P | Nx).Translate(0).Executable);
        Assert.Equal(
            TranslationFaultCause.ReservedBit, PaeTables(Pae with { NoExecute = false }).Set64(Pt, 0x9000 | P | Nx).Fault(0).Cause);
    }

    private static TableBuilder PaeTables() => PaeTables(Pae);

    private static TableBuilder PaeTables(PagingMode mode) =>
        new TableBuilder(mode).Set64(0x1000, Pd | P).Set64(Pd, Pt | P | W | U).Set64(Pt, 0x9000 | P | W | U);
}
