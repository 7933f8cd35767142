namespace Vmi.Dumps.Tests;

/// <summary>What the program `zstd` writes.</summary>
public sealed class ZstdFileTests
{
    [Fact]
    public void A_file_in_frames_that_say_their_size_is_read_in_place()
    {
        using var folder = new TestFolder();
        byte[] memory = [.. Bytes.Random(1 << 20), .. new byte[1 << 20], .. Bytes.Random(1 << 20, 2), .. new byte[5 << 12]];
        folder.Write("memory.raw", memory);
        // Pieces of 1 MiB - 300, each a frame; a skippable frame after them, as the seekable format has.
        Tool.Shell($"cd {folder["."]} && split -b 1048276 memory.raw piece. "
            + "&& for piece in piece.*; do zstd -q -c $piece; done > memory.zst");
        using (var end = File.Open(folder["memory.zst"], FileMode.Append))
            end.Write([0x5e, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
        using var driver = MemoryFile.Open(folder["memory.zst"]);

        Assert.IsType<RawDriver>(driver);
        Assert.Equal("zstd-compressed raw image memory.zst", driver.Name);
        Assert.False(driver.IsMapped);
        Assert.Equal(memory, driver.Read(0, memory.Length + 1));
        Assert.Equal(memory[0xff000..0x100000], driver.ReadPage(new Gfn(0xff))!.ToArray());
    }

    [Fact]
    public void Every_format_may_be_inside()
    {
        using var folder = new TestFolder();
        var page = Bytes.Random(4096);
        Assert.IsType<ElfCoreDriver>(Open("elf", new ElfBuilder().Vcpu().Load(0, page).Build()));
        Assert.IsType<LimeDriver>(Open("lime", Bytes.Lime(0, page)));
        Assert.IsType<AvmlDriver>(Open("avml", AvmlDriverTests.Range(0, page)));
        Assert.IsType<KdumpDriver>(Open("kdump", new KdumpBuilder().Page(0, page, 0).Build()));
        Assert.Equal("zstd-compressed flattened kdump (zlib) flat.zst",
            Open("flat", KdumpBuilder.Flatten((0, new KdumpBuilder().Page(0, page, 0).Build()))).Name);

        MemoryFileDriver Open(string name, byte[] file)
        {
            folder.Write(name, file);
            Tool.Run("zstd", "-q", folder[name], "-o", folder[$"{name}.zst"]);
            using var driver = MemoryFile.Open(folder[$"{name}.zst"]);
            Assert.Equal(page, driver.Read(0, 4097));
            return driver;
        }
    }

    [Fact]
    public void A_file_in_one_piece_is_refused_with_the_cure()
    {
        using var folder = new TestFolder();
        const string Message = "is zstd-compressed, not in frames of at most 16 MiB that say their size, so that it can't be read at "
            + "random; unpack it first (zstd -dk FILE), or pack it in blocks: zstd -dc FILE | xz -T0 --block-size=1MiB > NEW.xz.";
        folder.Write("memory.raw", new byte[17 << 20]);
        Tool.Shell($"zstd -q -c < {folder["memory.raw"]} > {folder["pipe.zst"]}");
        Tool.Run("zstd", "-q", folder["memory.raw"]);

        Assert.EndsWith(Message, RecognitionTests.Refusal(folder["pipe.zst"]));
        Assert.EndsWith(Message, RecognitionTests.Refusal(folder["memory.raw.zst"]));
    }

    [Fact]
    public void A_truncated_file_is_refused()
    {
        using var folder = new TestFolder();
        folder.Write("memory.raw", Bytes.Random(1 << 20));
        Tool.Run("zstd", "-q", folder["memory.raw"]);
        var whole = File.ReadAllBytes(folder["memory.raw.zst"]);

        Assert.Contains("is truncated or corrupt: at offset ", RecognitionTests.Refusal(folder.Write("cut.zst", whole[..500_000])));
    }
}
