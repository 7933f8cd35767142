namespace Vmi.Dumps.Tests;

/// <summary>What the programs `xz` and `bgzip` write in blocks.</summary>
public sealed class BlockFileTests
{
    /// <summary>Compressible and not; no multiple of a block.</summary>
    private static readonly byte[] Memory =
        [.. Bytes.Random(1 << 20), .. new byte[3 << 20], .. "memory"u8, .. Bytes.Random((1 << 19) - 6, 2)];

    [Theory]
    [InlineData("xz -q -1 --block-size=1MiB -c memory", "xz")]
    [InlineData("xz -q -0 -T2 -c memory", "xz")]
    [InlineData("xz -q -9 --check=crc32 --block-size=300KiB -c memory", "xz")]
    [InlineData("xz -q -1 --check=sha256 --block-size=1MiB -c memory", "xz")]
    [InlineData("xz -q -1 --check=none --block-size=1MiB -c memory", "xz")]
    [InlineData("(head -c 1000000 memory | xz -q -1; head -c 64 /dev/zero; tail -c +1000001 memory | xz -q --block-size=512KiB)", "xz")]
    [InlineData("bgzip -c memory", "gzip")]
    [InlineData("bgzip -l 0 -c memory", "gzip")]
    public void A_file_in_blocks_is_read_in_place(string packing, string shown)
    {
        using var folder = new TestFolder();
        folder.Write("memory", Memory);
        Tool.Shell($"cd {folder["."]} && {packing} > memory.packed");
        using var driver = MemoryFile.Open(folder["memory.packed"]);

        Assert.IsType<RawDriver>(driver);
        Assert.Equal($"{shown}-compressed raw image memory.packed", driver.Name);
        Assert.Equal(Memory, driver.Read(0, Memory.Length + 1));
        Assert.Equal(Memory[0x3ff000..0x400000], driver.ReadPage(new Gfn(0x3ff))!.ToArray());
    }

    [Theory]
    [InlineData("xz -q -0 -c memory", "in blocks: xz -dc FILE | xz -T0 --block-size=1MiB > NEW.xz.")]
    [InlineData("xz -q --x86 --lzma2=preset=0 --block-size=8MiB -c memory", "with other filters than LZMA2; unpack it first: xz -dk FILE.")]
    [InlineData("gzip -1 -c memory", "can be read in place: gunzip -c FILE | bgzip > NEW.gz.")]
    public void A_file_that_can_not_be_read_in_place_is_refused_with_the_cure(string packing, string cure)
    {
        using var folder = new TestFolder();
        folder.Write("memory", new byte[33 << 20]);
        Tool.Shell($"cd {folder["."]} && {packing} > memory.packed");
        Assert.EndsWith(cure, RecognitionTests.Refusal(folder["memory.packed"]));
    }

    [Theory]
    [InlineData("xz -q -0 --block-size=1MiB -c memory", "is no whole stream of xz.")]
    [InlineData("bgzip -c memory", "is no whole member of bgzip.")]
    public void A_truncated_file_is_refused_and_a_damaged_block_is_missing(string packing, string message)
    {
        using var folder = new TestFolder();
        folder.Write("memory", Memory);
        Tool.Shell($"cd {folder["."]} && {packing} > memory.packed");
        var whole = File.ReadAllBytes(folder["memory.packed"]);
        Assert.EndsWith(message, RecognitionTests.Refusal(folder.Write("cut", whole[..^100])));

        // Amid the random bytes, which are stored as they are: only the check can tell.
        whole[600_000] ^= 1;
        using var driver = MemoryFile.Open(folder.Write("damaged", whole));
        Assert.InRange(driver.Read(0, Memory.Length).Length, 0, 600_000);
        Assert.Equal("memory"u8, driver.Read(4 << 20, 6));
    }
}
