using Vmi.Amd64;

namespace Vmi.Dumps.Tests;

public sealed class KdumpDriverTests
{
    [Fact]
    public void Each_page_is_unpacked_as_its_own_flags_say()
    {
        using var folder = new TestFolder();
        var pages = Enumerable.Range(0, 5).Select(PageOf).ToArray();
        var builder = new KdumpBuilder().Page(0, pages[0], 0).Page(1, pages[1], 1).Page(2, pages[2], 4).Page(3, pages[3], 0x20)
            .Page(0x100000, pages[4], 1);
        using var driver = MemoryFile.Open(folder.Write("memory.kdump", builder.Build()));

        Assert.IsType<KdumpDriver>(driver);
        Assert.Equal("kdump (zlib) memory.kdump", driver.Name);
        Assert.Equal(new VmiInfo(new Gfn(0x100000), 0), driver.Info);
        Assert.Equal([new PhysicalRange(new Pa(0), 0x4000), new PhysicalRange(new Pa(0x1_0000_0000), 0x1000)], driver.MemoryMap);
        Assert.Equal(pages[..4].SelectMany(page => page), driver.Read(0, 0x5000));
        Assert.Equal(pages[4][17..], driver.Read(0x1_0000_0011, 0x5000));
        Assert.Equal(pages[2], driver.ReadPage(new Gfn(2))!.ToArray());
        Assert.Null(driver.ReadPage(new Gfn(4)));
        Assert.False(driver.IsMapped);
    }

    [Fact]
    public void A_page_is_found_by_the_pages_before_it()
    {
        // Every third frame, over several of the chunks that are counted, and of the words within.
        using var folder = new TestFolder();
        var builder = new KdumpBuilder();
        for (var frame = 1UL; frame < 20_000; frame += 3)
            builder.Page(frame, PageOf((int)frame), 1);
        using var driver = KdumpDriver.Open(folder.Write("memory.kdump", builder.Build()));

        Assert.Equal(6667, driver.MemoryMap.Count);
        for (var frame = 0; frame < 20_000; frame++)
            Assert.Equal(frame % 3 == 1 ? PageOf(frame) : null, driver.ReadPage(new Gfn((ulong)frame))?.ToArray());
    }

    [Fact]
    public void A_page_that_can_not_be_unpacked_is_missing()
    {
        using var folder = new TestFolder();
        var good = PageOf(1);
        byte[] cut = Zlib(good)[..^9], longer = Zlib([.. good, 1]);
        foreach (var flags in (uint[])[0, 1, 4, 0x20, 2, 0x80000000])
        {
            foreach (var data in (byte[][])[cut, longer, Bytes.Random(100), [0], good[..4095], new byte[5000]])
            {
                var file = new KdumpBuilder().Page(0, good, 1).Stored(1, data, flags).Page(2, good, 1).Build();
                using var driver = KdumpDriver.Open(folder.Write("memory.kdump", file));
                Assert.Equal(good, driver.Read(0, 0x3000));
                Assert.Null(driver.ReadPage(new Gfn(1)));
                Assert.Equal(good, driver.ReadPage(new Gfn(2))!.ToArray());
            }
        }

        static byte[] Zlib(byte[] content)
        {
            var packed = new MemoryStream();
            using (var zlib = new System.IO.Compression.ZLibStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
                zlib.Write(content);
            return packed.ToArray();
        }
    }

    [Fact]
    public void Without_QEMU_s_notes_a_CPU_has_the_registers_that_NT_PRSTATUS_holds()
    {
        using var folder = new TestFolder();
        var status = new byte[336];
        for (var i = 0; i < 27; i++)
            BitConverter.TryWriteBytes(status.AsSpan(112 + (i * 8)), (ulong)i);
        var notes = new ElfBuilder().Note("CORE", 1, status).Note("CORE", 1, status).Notes;
        var file = new KdumpBuilder { Notes = notes, VmCoreInfo = "OSRELEASE=6.1\n" }.Page(0, PageOf(0), 1).Build();
        using var driver = KdumpDriver.Open(folder.Write("memory.kdump", file));

        Assert.Equal((2, "OSRELEASE=6.1\n"), (driver.Info.Vcpus, driver.VmCoreInfo));
        var registers = (Amd64Registers)driver.GetRegisters(new VcpuId(1));
        // The order of `struct user_regs_struct`: r15 first, rax is 10, orig_rax 15, rip 16, eflags 18, rsp 19.
        Assert.Equal((0UL, 10UL, 14UL, 16UL, 18UL, 19UL),
            (registers.R15, registers.Rax, registers.Rdi, registers.Rip, registers.Rflags.Value, registers.Rsp));
        Assert.Equal(Amd64RegisterGroups.General, registers.Available);
        Assert.Throws<RegisterNotAvailableException>(() => registers.Cs);
    }

    [Fact]
    public void The_flattened_form_is_read_in_any_order_and_its_last_record_counts()
    {
        using var folder = new TestFolder();
        var file = new KdumpBuilder().Page(0, PageOf(0), 1).Page(9, PageOf(9), 0).Build();
        var half = file.Length / 2;
        // What the first record puts down is overwritten in the middle, twice, and goes on after that.
        var flat = KdumpBuilder.Flatten((half, file[half..]), (0, Bytes.Random(half)), (100, Bytes.Random(5000)), (0, file[..half]),
            (4000, file[4000..4300]));
        using var driver = MemoryFile.Open(folder.Write("memory.kdump", flat));

        Assert.Equal("flattened kdump (zlib) memory.kdump", driver.Name);
        Assert.Equal(PageOf(0), driver.Read(0, 0x2000));
        Assert.Equal(PageOf(9), driver.ReadPage(new Gfn(9))!.ToArray());
    }

    [Fact]
    public void What_is_not_read_is_refused_by_name()
    {
        Refuses("is a kdump file compressed with LZO, which Vmi does not unpack; convert it: makedumpfile -c FILE NEW.",
            Page(new() { Status = 2 }));
        Refuses("is an incomplete kdump file: who wrote it ran out of space.", Page(new() { Status = 9 }));
        Refuses("is a kdump file of another machine (aarch64); Vmi reads x86_64.", Page(new() { Machine = "aarch64" }));
        Refuses("is a kdump file of another machine (unreadable); Vmi reads x86_64.", Page(new() { Machine = "\u001b[31m" }));
        Refuses("is a kdump file of version 3; Vmi reads 6 and later.", Page(new() { Version = 3 }));
        Refuses("is one part of a split kdump file; put them together: makedumpfile --reassemble.", Page(new() { Split = 1 }));

        static byte[] Page(KdumpBuilder builder) => builder.Page(0, new byte[4096], 1).Build();
    }

    [Fact]
    public void Truncated_and_corrupt_files_are_refused()
    {
        var file = new KdumpBuilder().Page(0, new byte[4096], 1).Build();
        Refuses("is truncated: its kdump header has 464 bytes.", file[..463]);
        Refuses("is truncated: its kdump sub-header has 104 bytes.", file[..4199]);
        Refuses("is truncated: 1 bytes are missing before its pages.", file[..16383]);
        Refuses("is truncated: 24 bytes of its page descriptors are missing.", file[..16384]);
        Refuses("is corrupt: a kdump file of blocks of 16384 bytes, not 4096.", Patch(file, 428, 16384));
        Refuses("is corrupt: 2 blocks of bitmap for 0x8001 frames.", Patch(file, 4096 + 96, 0x8001));
        Refuses("is corrupt: 2 blocks of bitmap for 0x0 frames.", Patch(file, 4096 + 96, 0));
        Refuses("is corrupt or truncated: its notes are 72057594037927936 bytes at offset ", Patch(file, 4096 + 56 + 7, 1));
        var flat = KdumpBuilder.Flatten((0, file));
        Refuses("is truncated: its flattened form has no end mark after record 1.", flat[..^1]);
        Refuses($"is truncated: record 0 of its flattened form has {file.Length} bytes, 100 are there.", flat[..(4096 + 16 + 100)]);
        Refuses("is corrupt: record 0 of its flattened form puts ", Patch(flat, 4096, 0xff));
        Refuses("is in makedumpfile's flattened form of type 1, version 2; Vmi reads type 1, version 1.", Patch(flat, 31, 2));
    }

    [Fact]
    public void The_ranges_and_the_records_are_bounded()
    {
        using var folder = new TestFolder();
        var builder = new KdumpBuilder().Page(0, new byte[4096], 1).Page(2, new byte[4096], 1).Page(4, new byte[4096], 1);
        var path = folder.Write("memory.kdump", builder.Build());
        Assert.EndsWith("has more than 2 ranges of memory (VmiLimits.Segments).",
            Assert.Throws<VmiFormatException>(() => KdumpDriver.Open(path, new VmiLimits { Segments = 2 })).Message);
        var flat = folder.Write("flat.kdump", KdumpBuilder.Flatten((0, [1]), (1, [1]), (2, [1])));
        Assert.EndsWith(
            "has more than 2 records in its flattened form (VmiLimits.TableBytes); put it together first: makedumpfile -R NEW < FILE.",
            Assert.Throws<VmiFormatException>(() => KdumpDriver.Open(flat, new VmiLimits { TableBytes = 48 })).Message);
    }

    /// <summary>A page that compresses, different for each number.</summary>
    private static byte[] PageOf(int number)
    {
        var page = new byte[4096];
        Bytes.Random(64, number + 1).CopyTo(page, 1000);
        return page;
    }

    private static void Refuses(string message, byte[] file)
    {
        using var folder = new TestFolder();
        var path = folder.Write("memory.kdump", file);
        Assert.StartsWith($"{path} {message}", RecognitionTests.Refusal(path), StringComparison.Ordinal);
    }

    private static byte[] Patch(byte[] file, int at, int value)
    {
        var copy = file.ToArray();
        if (value is > 0 and < 256)
            copy[at] = (byte)value;
        else
            BitConverter.TryWriteBytes(copy.AsSpan(at), value);
        return copy;
    }
}
