using System.Text;
using Vmi.Tests.Fakes;

namespace Vmi.Tests.Search;

public sealed class MemoryStringTests
{
    private const int Frames = 600;
    private const ulong Base = 0x7f00_0000_0000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Texts_are_found_whole_across_pages_and_pieces(bool maps)
    {
        var driver = new FakeMemoryDriver(Frames, maps: maps);
        ulong[] narrow = [0, 0x1000 - 3, (1 << 20) - 1, ((ulong)Frames << 12) - 5];
        foreach (var place in narrow)
            "texts"u8.CopyTo(driver.Memory[(int)place..]);
        // At an odd address, too, and with each half of a character in another piece.
        ulong[] wide = [0x2001, 0x3000 - 2, (2 << 20) - 3];
        foreach (var place in wide)
            Encoding.Unicode.GetBytes("Wide\t").CopyTo(driver.Memory[(int)place..]);
        var found = Find(driver, out var incomplete);
        Assert.Null(incomplete);
        Assert.Equal(
            [
                .. narrow.Select(place => new MemoryString(place, "texts", false)),
                .. wide.Select(place => new MemoryString(place, "Wide\t", true)),
            ],
            found.OrderBy(each => each.IsWide).ThenBy(each => each.Address));
        Assert.Equal(found.Where(each => each.IsWide), Find(driver, out _, new MemoryStringOptions { FindsNarrow = false }));
        Assert.Equal(found.Where(each => !each.IsWide), Find(driver, out _, new MemoryStringOptions { FindsWide = false }));
        Assert.Empty(Find(driver, out _, new MemoryStringOptions { LeastCharacters = 6 }));
    }

    [Fact]
    public void Texts_go_on_from_page_to_page_of_virtual_memory()
    {
        var driver = new FakeMemoryDriver(64);
        var tables = new FakePageTables(driver, 32);
        tables.Map(Base, 9 << 12);
        tables.Map(Base + 0x1000, 4 << 12);
        tables.Map(Base + 0x3000, 5 << 12);
        "left "u8.CopyTo(driver.Memory[((10 << 12) - 5)..]);
        "right"u8.CopyTo(driver.Memory[(4 << 12)..]);
        // Behind it in physical memory, not in virtual.
        "over"u8.CopyTo(driver.Memory[((5 << 12) - 4)..]);
        "there"u8.CopyTo(driver.Memory[(5 << 12)..]);
        using var core = new VmiCore(driver);
        var found = new List<MemoryString>();
        Assert.Null(core.FindVirtualStrings(tables.Root, default, new Va(1UL << 63), found.Add));
        Assert.Equal(
            [
                new MemoryString(Base + 0xFFB, "left right", false), new MemoryString(Base + 0x1FFC, "over", false),
                new MemoryString(Base + 0x3000, "there", false),
            ],
            found);
    }

    [Fact]
    public void A_hole_ends_a_text_and_makes_the_result_partial()
    {
        var driver = new FakeMemoryDriver(16);
        "before"u8.CopyTo(driver.Memory[(0x3000 - 6)..]);
        "behind"u8.CopyTo(driver.Memory[0x4000..]);
        driver.Remove(new Gfn(3));
        var found = Find(driver, out var incomplete);
        Assert.Equal([new MemoryString(0x2FFA, "before", false), new MemoryString(0x4000, "behind", false)], found);
        Assert.Contains("0x0000000000003000", incomplete);
    }

    [Fact]
    public void A_text_without_end_comes_in_parts_of_bounded_length()
    {
        var driver = new FakeMemoryDriver(Frames);
        driver.Memory[..0x20002].Fill((byte)'A');
        var found = Find(driver, out _);
        // The last is shorter than a text must be: it belongs to the one before.
        Assert.Equal([(0UL, 0x10000), (0x10000UL, 0x10000), (0x20000UL, 2)], found.Select(each => (each.Address, each.Text.Length)));
    }

    [Fact]
    public void Cancelled_it_gives_what_it_has_and_says_so()
    {
        var driver = new FakeMemoryDriver(Frames);
        "first"u8.CopyTo(driver.Memory);
        "later"u8.CopyTo(driver.Memory[(2 << 20)..]);
        using var core = new VmiCore(driver);
        using var ending = new CancellationTokenSource();
        var found = new List<MemoryString>();
        var incomplete = core.FindPhysicalStrings(found.Add, new MemoryStringOptions { Progress = _ => ending.Cancel() }, ending.Token);
        Assert.Equal("first", Assert.Single(found).Text);
        Assert.Contains("interrupted at 0x100000", incomplete);
    }

    private static List<MemoryString> Find(FakeMemoryDriver driver, out string? incomplete, MemoryStringOptions? options = null)
    {
        using var core = new VmiCore(driver);
        var found = new List<MemoryString>();
        incomplete = core.FindPhysicalStrings(found.Add, options);
        return found;
    }
}
