namespace Vmi.Qemu.Tests;

public class MemoryTests
{
    public static TheoryData<string> Backings => ["anonymous", "memfd", "file", "private file"];

    private static string[] Options(string backing, string size) => backing switch
    {
        "memfd" => ["-m", size, "-object", $"memory-backend-memfd,id=ram,size={size},share=on", "-machine", "pc,memory-backend=ram"],
        "file" => ["-m", size, "-object", $"memory-backend-file,id=ram,size={size},mem-path=ram.bin,share=on", "-machine", "q35,memory-backend=ram"],
        "private file" => ["-m", size, "-object", $"memory-backend-file,id=ram,size={size},mem-path=ram.bin,share=off", "-machine", "pc,memory-backend=ram"],
        _ => ["-m", size],
    };

    [Theory]
    [MemberData(nameof(Backings))]
    public void Physical_memory_is_what_QEMU_saves_to_a_file(string backing)
    {
        using var qemu = TestQemu.Start([.. Options(backing, "64M"), "-smp", "2"]);
        using var driver = qemu.Attach();
        // SeaBIOS has filled tables and its own shadow copy of the ROM once it says that nothing boots.
        qemu.WaitFor(() => qemu.PhysicalMemory(0x400, 256).Any(value => value != 0));
        Thread.Sleep(200);
        driver.Pause();
        foreach (var range in driver.MemoryMap)
        {
            var bytes = new byte[Math.Min(range.Length, 8 << 20)];
            Assert.Equal(bytes.Length, driver.Read(range.Start, bytes));
            Assert.True(bytes.AsSpan().SequenceEqual(qemu.PhysicalMemory(range.Start.Value, bytes.Length)), $"{range}");
        }
        var mapped = backing is "memfd" or "file";
        Assert.Equal(mapped, driver.MemorySource.StartsWith("shared mapping", StringComparison.Ordinal));
        Assert.Equal(mapped, driver.TryGetSpan(new Pa(0x1000), 4096, out var span));
        Assert.Equal(mapped, driver.ReadPage(new Gfn(1))!.IsMapped);
        Assert.Equal(qemu.PhysicalMemory(0xf0000, 4096), driver.ReadPage(new Gfn(0xf0))!.ToArray());
        if (mapped)
            Assert.Equal(qemu.PhysicalMemory(0x1000, 4096), span.ToArray());
    }

    [Theory]
    [InlineData("memfd")]
    [InlineData("anonymous")]
    public void Memory_above_4_GiB_and_the_hole_below_it_are_where_QEMU_has_them(string backing)
    {
        using var qemu = TestQemu.Start([.. Options(backing, "5G"), "-S"]);
        using var driver = qemu.Attach();
        var map = driver.MemoryMap;
        Assert.Equal(new PhysicalRange(new Pa(0), 0xa0000), map[0]);
        Assert.Equal(new PhysicalRange(new Pa(0xc0000), 0xc000_0000 - 0xc0000), map[1]);
        // The BIOS's ROM ends where the memory above 4 GiB begins.
        Assert.Equal(new PhysicalRange(new Pa(0xfffc_0000), 0x8004_0000), map[2]);
        Assert.True(map.Zip(map.Skip(1)).All(pair => pair.First.End < pair.Second.Start));
        Assert.Equal(0x17ffffUL, driver.Info.MaxGfn.Value);
        Assert.Equal(1, driver.Info.Vcpus);

        var buffer = new byte[32];
        Assert.Equal(0, driver.Read(new Pa(0xc000_0000), buffer));
        Assert.Equal(0, driver.Read(new Pa(0xa0000), buffer));
        Assert.Equal(16, driver.Read(new Pa(0x9fff0), buffer));
        Assert.Equal(16, driver.Read(new Pa(0x1_7fff_fff0), buffer));
        Assert.Equal(0, driver.Read(new Pa(ulong.MaxValue), buffer));
        Assert.Equal(0, driver.Read(new Pa(ulong.MaxValue - 15), buffer));
        Assert.Null(driver.ReadPage(new Gfn(ulong.MaxValue)));
        Assert.Null(driver.ReadPage(new Gfn(0xa0)));
        Assert.False(driver.TryGetSpan(new Pa(0x1_7fff_fff0), 17, out _));
        Assert.False(driver.TryGetSpan(new Pa(ulong.MaxValue), 1, out _));

        // The two ends of the hole and the last byte, written by QEMU's own debugger and by nothing of ours.
        Assert.Equal(4096, driver.Write(new Pa(0x1_0000_0000), Enumerable.Repeat((byte)0x5a, 4096).ToArray()));
        Assert.Contains("0000000100000000: 0x5a5a5a5a", qemu.Ask("xp /1wx 0x100000000"));
        Assert.Contains("00000000bfffffff: 0x00", qemu.Ask("xp /1bx 0xbfffffff"));
    }

    [Theory]
    [InlineData(QemuMemoryPaths.ProcMem, "/proc/")]
    [InlineData(QemuMemoryPaths.ProcessVm, "process_vm_readv")]
    [InlineData(QemuMemoryPaths.All, "shared mapping")]
    internal void Each_way_to_the_memory_gives_the_same_bytes(QemuMemoryPaths paths, string source)
    {
        using var qemu = TestQemu.Start([.. Options("memfd", "64M"), "-S"]);
        using var driver = qemu.Attach(new QemuOptions { MemoryPaths = paths });
        Assert.StartsWith(source, driver.MemorySource);
        var expected = qemu.PhysicalMemory(0xe0000, 0x20000);
        var actual = new byte[expected.Length];
        Assert.Equal(actual.Length, driver.Read(new Pa(0xe0000), actual));
        Assert.Equal(expected, actual);
        var page = new byte[2 * Frame.Size];
        Assert.Equal(page.Length / 2, driver.Read(new Pa(0x9f000), page));
    }

    [Theory]
    [InlineData(QemuMemoryPaths.ProcMem)]
    [InlineData(QemuMemoryPaths.ProcessVm)]
    [InlineData(QemuMemoryPaths.All)]
    internal void A_batch_of_thousands_of_reads_gives_each_its_own_result(QemuMemoryPaths paths)
    {
        using var qemu = TestQemu.Start([.. Options("memfd", "64M"), "-S"]);
        using var driver = qemu.Attach(new QemuOptions { MemoryPaths = paths });
        var rom = qemu.PhysicalMemory(0xe0000, 0x20000);
        var reads = new PhysicalRead[5000];
        var addresses = new ulong[reads.Length];
        var random = new Random(1);
        for (var i = 0; i < reads.Length; i++)
        {
            addresses[i] = i % 7 == 0 ? 0xa0000ul + (ulong)i : 0xe0000ul + (ulong)random.Next(rom.Length - 64);
            reads[i] = new PhysicalRead(new Pa(addresses[i]), new byte[i % 64]);
        }
        driver.ReadMany(reads);
        for (var i = 0; i < reads.Length; i++)
        {
            Assert.Equal(i % 7 == 0 ? 0 : i % 64, reads[i].BytesRead);
            if (i % 7 != 0)
                Assert.Equal(rom.AsSpan((int)(addresses[i] - 0xe0000), i % 64), reads[i].Destination.Span);
        }
    }

    [Theory]
    [InlineData("anonymous")]
    [InlineData("memfd")]
    [InlineData("file")]
    public void Reading_untouched_memory_costs_the_host_nothing(string backing)
    {
        using var qemu = TestQemu.Start([.. Options(backing, "5G"), "-S"]);
        using var driver = qemu.Attach();
        var before = Resident(qemu.Pid) + Resident(Environment.ProcessId);
        var buffer = new byte[64 << 20];
        for (var address = 0x1000_0000ul; address < 0x3000_0000; address += (ulong)buffer.Length)
            Assert.Equal(buffer.Length, driver.Read(new Pa(address), buffer));
        Assert.False(buffer.AsSpan().ContainsAnyExcept((byte)0));
        Assert.False(driver.TryGetSpan(new Pa(0x1000_0000), 4096, out _));
        Assert.False(driver.ReadPage(new Gfn(0x10000))!.IsMapped);
        Assert.InRange(Resident(qemu.Pid) + Resident(Environment.ProcessId) - before, long.MinValue, 200 << 10);
        // Nothing is remembered of a page that was not there: once the guest has it, it is seen.
        driver.Write(new Pa(0x1000_0000), "now"u8);
        Assert.Equal(3, driver.Read(new Pa(0x1000_0000), buffer.AsSpan(0, 3)));
        Assert.Equal("now"u8, buffer.AsSpan(0, 3));
    }

    [Fact]
    public void A_full_file_system_below_shared_memory_does_not_kill_the_reader()
    {
        var directory = Path.Combine(Path.GetTempPath(), $"vmi-small-{Guid.NewGuid():N}");
        Directory.CreateDirectory(directory);
        try
        {
            Run("mount", "-t", "tmpfs", "-o", "size=8M", "vmi-small", directory);
            using var qemu = TestQemu.Start(
                "-S", "-m", "64M", "-object", $"memory-backend-file,id=ram,size=64M,mem-path={directory}/ram,share=on", "-machine", "pc,memory-backend=ram");
            using var driver = qemu.Attach();
            Assert.StartsWith("shared mapping", driver.MemorySource);
            var buffer = new byte[62 << 20];
            Assert.Equal(buffer.Length, driver.Read(new Pa(0x100000), buffer));
        }
        finally
        {
            Run("umount", "-l", directory);
            Directory.Delete(directory);
        }
    }

    [Fact]
    public void A_page_outlives_the_driver_and_the_VM()
    {
        byte[] expected;
        VmiMappedPage page;
        using (var qemu = TestQemu.Start([.. Options("memfd", "64M"), "-S"]))
        {
            using var driver = qemu.Attach();
            driver.Write(new Pa(0x5000), "kept"u8);
            page = driver.ReadPage(new Gfn(5))!;
            Assert.True(page.IsMapped);
            expected = qemu.PhysicalMemory(0x5000, 4096);
            driver.Dispose();
            Assert.Throws<ObjectDisposedException>(() => driver.Read(new Pa(0), new byte[1]));
            Assert.Throws<ObjectDisposedException>(() => driver.TryGetSpan(new Pa(0), 1, out _));
        }
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(expected, page.ToArray());
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>KiB of memory that a process has in use, shared or its own.</summary>
    private static long Resident(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
