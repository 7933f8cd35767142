namespace Vmi.Dumps.Tests;

public sealed class RawDriverTests
{
    [Fact]
    public void The_offset_is_the_physical_address()
    {
        using var folder = new TestFolder();
        var memory = Bytes.Random(1 << 20);
        using var driver = MemoryFile.Open(folder.Write("memory.raw", memory));

        Assert.IsType<RawDriver>(driver);
        Assert.Equal("raw image memory.raw", driver.Name);
        Assert.Equal(memory, driver.Read(0, memory.Length));
        Assert.Equal(memory[0x1234..0x5678], driver.Read(0x1234, 0x5678 - 0x1234));
        Assert.Equal(new VmiInfo(new Gfn(255), 0), driver.Info);
        Assert.Equal([new PhysicalRange(new Pa(0), 1 << 20)], driver.MemoryMap);
        Assert.False(driver.IsLive);
    }

    [Fact]
    public void A_read_across_the_end_gives_what_is_there()
    {
        using var folder = new TestFolder();
        var memory = Bytes.Random(1 << 20);
        using var driver = RawDriver.Open(folder.Write("memory.raw", memory));

        Assert.Equal(memory[^10..], driver.Read((1 << 20) - 10, 4096));
        Assert.Empty(driver.Read(1 << 20, 1));
        Assert.Empty(driver.Read(ulong.MaxValue, 16));
        Assert.Null(driver.ReadPage(new Gfn(256)));
        Assert.Null(driver.ReadPage(new Gfn(ulong.MaxValue)));
        Assert.Null(driver.ReadPage(new Gfn(1UL << 52)));
        Assert.False(driver.TryGetSpan(new Pa((1 << 20) - 10), 11, out _));
        Assert.True(driver.TryGetSpan(new Pa((1 << 20) - 10), 10, out var span));
        Assert.True(span.SequenceEqual(memory.AsSpan(^10..)));
    }

    [Fact]
    public void Many_reads_have_each_their_own_result()
    {
        using var folder = new TestFolder();
        var memory = Bytes.Random(1 << 20);
        using var driver = RawDriver.Open(folder.Write("memory.raw", memory));
        PhysicalRead[] reads = [new(new Pa(8), new byte[8]), new(new Pa(1 << 20), new byte[8]), new(new Pa((1 << 20) - 3), new byte[8])];

        driver.ReadMany(reads);

        Assert.Equal([8, 0, 3], reads.Select(read => read.BytesRead));
        Assert.Equal(memory[8..16], reads[0].Destination.ToArray());
    }

    [Fact]
    public void A_page_is_a_window_on_the_mapping()
    {
        using var folder = new TestFolder();
        var memory = Bytes.Random(1 << 20);
        using var driver = RawDriver.Open(folder.Write("memory.raw", memory));

        var page = driver.ReadPage(new Gfn(7));

        Assert.NotNull(page);
        Assert.True(page.IsMapped);
        Assert.Equal(memory[0x7000..0x8000], page.ToArray());
    }

    [Fact]
    public void Opened_as_raw_a_file_may_begin_with_anything()
    {
        // The guest chose these bytes: with them it must not be able to keep its image from being read.
        using var folder = new TestFolder();
        var memory = Bytes.Random(1 << 20);
        "EMiL"u8.CopyTo(memory);
        var path = folder.Write("memory.raw", memory);

        Assert.Throws<VmiFormatException>(() => MemoryFile.Open(path));
        using var driver = RawDriver.Open(path);
        Assert.Equal(memory, driver.Read(0, memory.Length));
    }

    [Fact]
    public void A_size_that_is_no_multiple_of_4_KiB_is_refused()
    {
        using var folder = new TestFolder();
        var path = folder.Write("memory.raw", Bytes.Random((1 << 20) + 1));

        Assert.EndsWith("is not a raw image: its size of 1048577 bytes is no multiple of 4 KiB.",
            Assert.Throws<VmiFormatException>(() => RawDriver.Open(path)).Message);
        Assert.EndsWith("its size is no multiple of 4 KiB.", Assert.Throws<VmiFormatException>(() => MemoryFile.Open(path)).Message);
    }
}
