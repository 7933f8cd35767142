namespace Vmi.Symbols.Tests;

public sealed class KallsymsTests
{
    private const ulong Base = KallsymsBuilder.Base;

    public static TheoryData<int> Formats => [.. Enum.GetValues<KallsymsBuilder.Format>().Select(format => (int)format)];

    [Fact]
    public void Tables_that_are_aligned_to_4_bytes_only_are_found() =>
        Every_format_of_the_tables_is_found_and_read((int)KallsymsBuilder.Format.Linux72, at: 0x300c);

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_format_of_the_tables_is_found_and_read(int format, int at = 0x3008)
    {
        var perCpu = format < (int)KallsymsBuilder.Format.Linux615;
        var image = KallsymsBuilder.Sample(perCpu).Image((KallsymsBuilder.Format)format, at);
        var table = Assert.Single(KallsymsFinder.FindAll(new KernelImage(new Va(Base), image)));

        Assert.Equal(perCpu ? 1504 : 1502, table.Count);
        Assert.Equal(new Va(Base), table.TextBase);
        Assert.True(table.TryGet("function_1234", out var symbol));
        Assert.Equal(new Symbol("function_1234", new Va(Base + 1234 * 16), 'T', false), symbol);
        Assert.Equal(table.Count, table.All().Count());
        Assert.Equal(Enumerable.Range(0, table.Count).Select(i => table[i]), table.All());
        if (perCpu)
            Assert.Equal(new Symbol("cpu_debug_store", new Va(0x1000), 'A', true), table[1]);
    }

    [Fact]
    public void Addresses_resolve_to_the_nearest_symbol_below_within_the_image()
    {
        var table = KallsymsBuilder.Sample().Table();

        Assert.Equal("function_7+0xf", table.Resolve(new Va(Base + 0x7f)).ToString());
        Assert.Equal("function_8", table.Resolve(new Va(Base + 0x80)).ToString());
        Assert.Equal(new SymbolLocation("function_1499", 0x40000 - 1499 * 16 - 1), table.Resolve(new Va(Base + 0x40000 - 1)));
        Assert.Null(table.Resolve(new Va(Base + 0x40000)));
        Assert.Null(table.Resolve(new Va(Base - 1)));
        Assert.Null(table.Resolve(new Va(0x1000)));
        Assert.Null(table.Resolve(new Va(ulong.MaxValue)));
    }

    [Fact]
    public void At_one_address_a_global_name_wins_over_a_weak_over_a_local_one()
    {
        var builder = KallsymsBuilder.Sample()
            .Add(Base + 0x50000, 't', "local").Add(Base + 0x50000, 'W', "weak")
            .Add(Base + 0x50000, 'T', "global").Add(Base + 0x50000, 'T', "second")
            .Add(Base + 0x50010, 't', "local_only").Add(Base + 0x50010, 'W', "weak_only").Add(Base + 0x60000, 'B', "__end");
        var table = Rename(builder);

        Assert.Equal("global+0x1", table.Resolve(new Va(Base + 0x50001)).ToString());
        Assert.Equal("weak_only", table.Resolve(new Va(Base + 0x50010)).ToString());
    }

    [Fact]
    public void Of_several_symbols_with_one_name_the_lowest_is_meant_and_all_are_found()
    {
        var builder = KallsymsBuilder.Sample().Add(Base + 0x50000, 't', "function_9").Add(Base + 0x60000, 'd', "function_9");
        var table = builder.Table();

        Assert.True(table.TryGetAddress("function_9", out var address));
        Assert.Equal(new Va(Base + 9 * 16), address);
        Assert.Equal([Base + 9 * 16, Base + 0x50000, Base + 0x60000], table.Find("function_9").Select(s => s.Address.Value));
        Assert.Empty(table.Find("function_9999"));
        Assert.False(table.TryGetAddress("", out _));
    }

    [Fact]
    public void Names_of_more_than_127_tokens_have_two_bytes_of_length()
    {
        var name = string.Concat(Enumerable.Repeat("xyz0123456", 30));
        var table = KallsymsBuilder.Sample().Add(Base + 0x50000, 'T', name).Add(Base + 0x50008, 'T', "after").Table();

        Assert.True(table.TryGetAddress(name, out var address));
        Assert.Equal(new Va(Base + 0x50000), address);
        Assert.True(table.TryGetAddress("after", out _));
    }

    [Fact]
    public void Missing_pages_elsewhere_do_no_harm_and_missing_tables_are_not_invented()
    {
        var bytes = KallsymsBuilder.Sample().Image(KallsymsBuilder.Format.Linux64, at: 0x3008);

        Assert.Single(KallsymsFinder.FindAll(WithHole(bytes, 0)));
        Assert.Single(KallsymsFinder.FindAll(WithHole(bytes, 1)));
        Assert.Empty(KallsymsFinder.FindAll(WithHole(bytes, 4)));
        Assert.Empty(KallsymsFinder.FindAll(new KernelImage(new Va(Base), 64 << 20, (_, _) => 0)));
    }

    [Fact]
    public void A_second_consistent_table_is_reported_not_preferred()
    {
        var first = KallsymsBuilder.Sample().Image(KallsymsBuilder.Format.Linux64);
        var second = KallsymsBuilder.Sample().Add(Base + 0x70000, 'T', "forged").Image(KallsymsBuilder.Format.Linux54);
        byte[] both = [.. first, .. new byte[-first.Length & 7], .. second];

        Assert.Equal(2, KallsymsFinder.FindAll(new KernelImage(new Va(Base), both)).Count);
    }

    [Fact]
    public void A_table_that_crosses_the_border_of_a_block_is_found()
    {
        var tables = KallsymsBuilder.Sample().Tables(KallsymsBuilder.Format.Linux64, 0).Length;
        for (var at = (1 << 20) - tables; at < 1 << 20; at += 1016)
        {
            var image = KallsymsBuilder.Sample().Image(KallsymsBuilder.Format.Linux64, at & ~7);
            Assert.Single(KallsymsFinder.FindAll(new KernelImage(new Va(Base), image)));
        }
    }

    [Fact]
    public void Symbols_of_another_boot_move_with_the_text_and_absolute_ones_stay()
    {
        var table = KallsymsBuilder.Sample().Table();
        var moved = table.Rebase(new Va(Base + 0x1000_0000));

        Assert.Equal(new Va(Base + 0x1000_0000), moved.TextBase);
        Assert.Equal(table[5].Address + 0x1000_0000, moved[5].Address);
        Assert.Equal(table[1], moved[1]);
        Assert.Equal("function_8+0x1", moved.Resolve(new Va(Base + 0x1000_0081)).ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Rebase(new Va(0x1000)));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Rebase(new Va(ulong.MaxValue)));
    }

    /// <summary>Without `_end`, so that the last symbol bounds the image.</summary>
    private static SymbolTable Rename(KallsymsBuilder builder) => builder.Without("_end").Table();

    private static KernelImage WithHole(byte[] bytes, int page) => new(new Va(Base), (ulong)bytes.Length, (address, destination) =>
    {
        var at = (int)(address.Value - Base);
        var hole = page * Frame.Size;
        if (at >= hole && at < hole + Frame.Size)
            return 0;
        var count = Math.Min(destination.Length, at < hole ? hole - at : bytes.Length - at);
        bytes.AsSpan(at, count).CopyTo(destination);
        return count;
    });
}
