namespace Vmi.Dumps.Tests;

public sealed class LimeDriverTests
{
    [Fact]
    public void Ranges_lie_where_their_headers_say()
    {
        using var folder = new TestFolder();
        byte[] low = Bytes.Random(0x9ec00, 1), high = Bytes.Random(0x3000, 2);
        using var driver = MemoryFile.Open(folder.Write("memory.lime", [.. Bytes.Lime(0x1000, low), .. Bytes.Lime(0x1_0000_0000, high)]));

        Assert.IsType<LimeDriver>(driver);
        Assert.Equal([new PhysicalRange(new Pa(0x1000), 0x9ec00), new PhysicalRange(new Pa(0x1_0000_0000), 0x3000)], driver.MemoryMap);
        Assert.Equal(new VmiInfo(new Gfn(0x100002), 0), driver.Info);
        Assert.Equal(low, driver.Read(0x1000, low.Length + 10));
        Assert.Equal(high[0x10..], driver.Read(0x1_0000_0010, 0x10000));
        Assert.Empty(driver.Read(0xfff, 4));
        Assert.Null(driver.ReadPage(new Gfn(0)));
        // System RAM often ends at 0x9fbff: a frame that is there in part is no page, but its bytes can be read.
        Assert.Null(driver.ReadPage(new Gfn(0x9f)));
        Assert.Equal(low[^0xc00..], driver.Read(0x9f000, 4096));
    }

    [Fact]
    public void Ranges_need_not_ascend_and_neighbours_read_as_one()
    {
        using var folder = new TestFolder();
        byte[] first = Bytes.Random(0x1800, 1), second = Bytes.Random(0x2800, 2);
        using var driver = LimeDriver.Open(folder.Write("memory.lime", [.. Bytes.Lime(0x2800, second), .. Bytes.Lime(0x1000, first)]));

        Assert.Equal([new PhysicalRange(new Pa(0x1000), 0x4000)], driver.MemoryMap);
        Assert.Equal([.. first, .. second], driver.Read(0x1000, 0x5000));
        Assert.False(driver.TryGetSpan(new Pa(0x2000), 0x1000, out _));
        var page = driver.ReadPage(new Gfn(2));
        Assert.NotNull(page);
        Assert.False(page.IsMapped);
        Assert.Equal([.. first[0x1000..], .. second[..0x800]], page.ToArray());
    }

    [Fact]
    public void Of_overlapping_ranges_the_one_that_begins_lower_counts()
    {
        using var folder = new TestFolder();
        byte[] first = Bytes.Random(0x2000, 1), second = Bytes.Random(0x2000, 2);
        using var driver = LimeDriver.Open(folder.Write("memory.lime",
            [.. Bytes.Lime(0x2000, second), .. Bytes.Lime(0x1000, first), .. Bytes.Lime(0x1800, Bytes.Random(16, 3))]));

        Assert.Equal([.. first, .. second[0x1000..]], driver.Read(0x1000, 0x4000));
        Assert.Equal([new PhysicalRange(new Pa(0x1000), 0x3000)], driver.MemoryMap);
    }

    [Fact]
    public void A_range_at_the_end_of_the_address_space_can_be_read()
    {
        using var folder = new TestFolder();
        var memory = Bytes.Random(0x1000);
        using var driver = LimeDriver.Open(folder.Write("memory.lime", Bytes.Lime((1UL << 52) - 0x1000, memory)));

        Assert.Equal(memory, driver.Read((1UL << 52) - 0x1000, 0x2000));
        Assert.Equal(new Gfn((1UL << 40) - 1), driver.Info.MaxGfn);
    }

    [Theory]
    [InlineData(216, "is truncated: 12 bytes of 100 are missing from range 2 (physical address 0x5000).")]
    [InlineData(112, "is truncated: 16 bytes of LiME header 2 are missing.")]
    [InlineData(98, "is truncated: 30 bytes of LiME header 2 are missing.")]
    public void A_truncated_file_says_what_is_missing(int length, string message)
    {
        using var folder = new TestFolder();
        byte[] file = [.. Bytes.Lime(0x1000, Bytes.Random(64)), .. Bytes.Lime(0x5000, Bytes.Random(100))];
        var path = folder.Write("memory.lime", file[..length]);

        Assert.EndsWith(message, Assert.Throws<VmiFormatException>(() => MemoryFile.Open(path)).Message);
    }

    [Fact]
    public void Corrupt_headers_are_refused()
    {
        using var folder = new TestFolder();
        var memory = Bytes.Random(64);
        Refuses("is LiME version 2 in header 1; Vmi reads version 1.", Bytes.Lime(0x1000, memory, version: 2));
        Refuses("is corrupt: LiME range 1 ends (0xfff) before it begins (0x1000).", Bytes.Lime(0x1000, memory, last: 0xfff));
        Refuses("is corrupt: LiME range 1 ends at 0xffffffffffffffff, beyond 52-bit physical addresses.",
            Bytes.Lime(0, memory, last: ulong.MaxValue));
        Refuses("is corrupt: no LiME header at offset 96, after range 1.", [.. Bytes.Lime(0x1000, memory), .. "none"u8]);
        Refuses("is truncated: 4503599627370432 bytes of 4503599627370496 are missing from range 1 (physical address 0x0).",
            Bytes.Lime(0, memory, last: (1UL << 52) - 1));

        void Refuses(string message, byte[] file)
        {
            var path = folder.Write("memory.lime", file);
            Assert.EndsWith(message, Assert.Throws<VmiFormatException>(() => MemoryFile.Open(path)).Message);
        }
    }

    [Fact]
    public void The_number_of_ranges_is_bounded()
    {
        using var folder = new TestFolder();
        byte[] range = Bytes.Lime(0x1000, [1]);
        var path = folder.Write("memory.lime", [.. range, .. range, .. range]);

        using (LimeDriver.Open(path, new VmiLimits { Segments = 3 }))
        {
        }
        Assert.EndsWith("has more than 2 LiME ranges (VmiLimits.Segments).",
            Assert.Throws<VmiFormatException>(() => LimeDriver.Open(path, new VmiLimits { Segments = 2 })).Message);
    }
}
