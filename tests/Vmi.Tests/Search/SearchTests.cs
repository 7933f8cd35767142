using Vmi.Tests.Fakes;

namespace Vmi.Tests.Search;

public sealed class SearchTests
{
    private const ulong Base = 0x7f00_0000_0000;
    private const int Pages = 5, Frames = 700;

    private static readonly byte[] Needle = [.. "needle"u8];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Physical_memory_is_searched_across_pages_and_pieces(bool maps)
    {
        var driver = new FakeMemoryDriver(Frames, maps: maps);
        // Within a page, over a page's end, over the end of a piece of 1 MiB, at the very ends.
        ulong[] places = [0, 100, 0x1000 - 3, (1 << 20) - 1, (2 << 20) - 6, ((ulong)Frames << 12) - 6];
        foreach (var place in places)
            Needle.CopyTo(driver.Memory[(int)place..]);
        using var core = new VmiCore(driver);
        var progress = new List<MemoryProgress>();
        var found = core.SearchPhysical(new BytePattern(Needle), new MemorySearchOptions { Progress = progress.Add });
        Assert.Equal(places, found.Select(each => each.Value));
        Assert.Null(found.Incomplete);
        Assert.Equal(new MemoryProgress(Frames << 12, Frames << 12), progress[^1]);
    }

    /// <summary>Against a plain loop over the same bytes, with patterns that overlap themselves.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Matches_do_not_overlap_wherever_pieces_end(bool maps)
    {
        var driver = new FakeMemoryDriver(Frames, maps: maps);
        driver.Memory.Fill(7);
        driver.Memory[(1 << 20) - 2] = 8;
        using var core = new VmiCore(driver);
        byte[] pattern = [7, 7, 7, 7, 7];
        var expected = new List<ulong>();
        for (var at = 0; at <= driver.Memory.Length - pattern.Length;)
        {
            var isMatch = driver.Memory.Slice(at, pattern.Length).SequenceEqual(pattern);
            if (isMatch)
                expected.Add((ulong)at);
            at += isMatch ? pattern.Length : 1;
        }

        Assert.Equal(expected, core.SearchPhysical(new BytePattern(pattern)).Select(each => each.Value));
    }

    [Fact]
    public void A_hole_breaks_a_match_and_makes_the_result_partial()
    {
        var driver = new FakeMemoryDriver(16);
        Needle.CopyTo(driver.Memory[(0x3000 - 3)..]);
        Needle.CopyTo(driver.Memory[0x5000..]);
        driver.Remove(new Gfn(3));
        using var core = new VmiCore(driver);
        var found = core.SearchPhysical(new BytePattern(Needle));
        Assert.Equal([new Pa(0x5000)], found);
        Assert.Contains("0x0000000000003000", found.Incomplete);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Virtual_memory_is_searched_across_pages_that_are_scattered(bool maps)
    {
        var driver = new FakeMemoryDriver(64, maps: maps);
        var tables = new FakePageTables(driver, 32);
        // Virtually one after the other, physically downwards; a page that is not there, then another.
        for (var i = 0UL; i < Pages; i++)
            tables.Map(Base + (i << 12), (20 - (2 * i)) << 12);
        tables.Map(Base + ((Pages + 1UL) << 12), 3 << 12);
        using var core = new VmiCore(driver);
        ulong[] places = [Base + 0xFFD, Base + 0x1800, Base + 0x4FFA, Base + 0x6000];
        foreach (var place in places)
        {
            for (var i = 0UL; i < (ulong)Needle.Length; i++)
                driver.Memory[(int)core.TranslateAddress((new Va(place + i), tables.Root)).Value] = Needle[i];
        }

        // What ends one page and what begins the next in physical memory is no match.
        "nee"u8.CopyTo(driver.Memory[((20 << 12) - 3)..]);
        "dle"u8.CopyTo(driver.Memory[(20 << 12)..]);
        Assert.Equal(
            places, core.SearchVirtual(tables.Root, default, new Va(1UL << 63), new BytePattern(Needle)).Select(each => each.Value));
        Assert.Equal(
            places[1..3],
            core.SearchVirtual(tables.Root, new Va(Base + 0x1000), new Va(Base + 0x5000), new BytePattern(Needle))
                .Select(each => each.Value));
    }

    [Fact]
    public void Runs_are_as_large_as_the_pages_and_their_neighbours()
    {
        var driver = new FakeMemoryDriver(64);
        var tables = new FakePageTables(driver, 32);
        tables.Map(0x1000, 0x5000);
        tables.Map(0x2000, 0x6000);
        tables.Map(0x3000, 0x9000);
        tables.MapLarge(0xFFFF_FFFF_FFE0_0000, 0x20_0000);
        using var core = new VmiCore(driver);
        var runs = core.MappedRuns(tables.Root, default, new Va(ulong.MaxValue));
        Assert.Equal(
            [
                new MappedRun(new Va(0x1000), new Pa(0x5000), 0x2000),
                new MappedRun(new Va(0x3000), new Pa(0x9000), 0x1000),
                new MappedRun(new Va(0xFFFF_FFFF_FFE0_0000), new Pa(0x20_0000), 0x1F_FFFF),
            ],
            runs);
        Assert.Null(runs.Incomplete);
        Assert.Equal(
            [new MappedRun(new Va(0x1800), new Pa(0x5800), 0x1000)], core.MappedRuns(tables.Root, new Va(0x1800), new Va(0x2800)));
    }

    [Fact]
    public void Tables_that_map_everything_end_at_a_bound()
    {
        var driver = new FakeMemoryDriver(8);
        // Each entry of the one table is the table itself.
        for (var at = 0x1000; at < 0x2000; at += 8)
            driver.Memory[at..].Slice(0, 8)[0] = 7;
        for (var at = 0x1000; at < 0x2000; at += 8)
            driver.Memory[at + 1] = 0x10;
        using var core = new VmiCore(driver);
        var found = core.SearchVirtual(new Pa(0x1000), default, new Va(1UL << 63), new BytePattern([0x5A]));
        Assert.Empty(found);
        Assert.Contains("more is mapped", found.Incomplete);
    }

    [Fact]
    public void A_search_ends_with_the_match_that_is_enough_or_when_it_is_cancelled()
    {
        var driver = new FakeMemoryDriver(Frames, maps: true);
        Needle.CopyTo(driver.Memory[10..]);
        Needle.CopyTo(driver.Memory[20..]);
        Needle.CopyTo(driver.Memory[((1 << 20) + 5)..]);
        using var core = new VmiCore(driver);
        var first = core.SearchPhysical(new BytePattern(Needle), new MemorySearchOptions { MostMatches = 1 });
        Assert.Equal([new Pa(10)], first);
        Assert.Null(first.Incomplete);

        using var ending = new CancellationTokenSource();
        var some = core.SearchPhysical(
            new BytePattern(Needle), new MemorySearchOptions { Progress = _ => ending.Cancel() }, ending.Token);
        Assert.Equal([new Pa(10), new Pa(20)], some);
        Assert.Contains("interrupted at 0x100000", some.Incomplete);

        using var bounded = new VmiCore(driver, new VmiCoreOptions { Limits = VmiLimits.Default with { ListEntries = 2 } });
        Assert.Contains("more matches than 2", bounded.SearchPhysical(new BytePattern(Needle)).Incomplete);
    }
}
