using System.Runtime.CompilerServices;

namespace Vmi.Dumps.Tests;

public sealed class FileLifetimeTests
{
    [Theory]
    [InlineData("raw")]
    [InlineData("elf")]
    [InlineData("lime")]
    public void A_file_of_10_GiB_costs_no_heap_in_proportion(string format)
    {
        using var folder = new TestFolder();
        const long length = 10L << 30;
        var path = folder.WriteSparse("memory", format == "raw" ? length : length + 4096);
        using (var file = File.OpenWrite(path))
        {
            if (format == "elf")
            {
                var head = new ElfBuilder().Vcpu().Load(0, []).Build();
                // p_offset, p_filesz and p_memsz of segment 1.
                BitConverter.TryWriteBytes(head.AsSpan(128 + 56 + 8), 4096L);
                BitConverter.TryWriteBytes(head.AsSpan(128 + 56 + 32), length);
                BitConverter.TryWriteBytes(head.AsSpan(128 + 56 + 40), length);
                file.Write(head);
            }
            else if (format == "lime")
            {
                file.Write(Bytes.Lime(0, [], last: (ulong)length + 4096 - 32 - 1));
            }
        }

        Open();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Open();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 17);

        void Open()
        {
            using var driver = MemoryFile.Open(path);
            Assert.True(driver.IsMapped);
            Assert.True(driver.Info.MaxGfn.Value >= (10UL << 30 >> 12) - 1);
            Assert.True(driver.TryGetSpan(new Pa((10UL << 30) - 4096), 4096, out var span));
            Assert.Equal(0, span[4095]);
        }
    }

    [Fact]
    public void A_file_that_another_has_open_for_writing_is_read_and_may_be_shortened()
    {
        using var folder = new TestFolder();
        var memory = Bytes.Random(1 << 20);
        var path = folder.Write("memory.raw", memory);
        using var writer = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using var driver = MemoryFile.Open(path);

        Assert.False(driver.IsMapped);
        Assert.False(driver.TryGetSpan(new Pa(0), 8, out _));
        Assert.Equal(memory, driver.Read(0, memory.Length));
        Assert.False(driver.ReadPage(new Gfn(3))!.IsMapped);
        Assert.Equal(memory[0x3000..0x4000], driver.ReadPage(new Gfn(3))!.ToArray());

        writer.SetLength(0x8800);

        Assert.Equal(memory[..0x8800], driver.Read(0, memory.Length));
        Assert.Equal(memory[0x8000..0x8800], driver.Read(0x8000, 4096));
        Assert.Empty(driver.Read(0x9000, 4096));
        Assert.Null(driver.ReadPage(new Gfn(8)));
        Assert.NotNull(driver.ReadPage(new Gfn(7)));
    }

    [Fact]
    public void A_file_that_nobody_writes_is_mapped()
    {
        using var folder = new TestFolder();
        var path = folder.Write("memory.raw", new byte[1 << 20]);
        using var reader = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        using var first = MemoryFile.Open(path);
        using var second = MemoryFile.Open(path);

        Assert.True(first.IsMapped);
        Assert.True(second.IsMapped);
    }

    [Fact]
    public void A_closed_driver_throws()
    {
        using var folder = new TestFolder();
        var driver = ElfCoreDriver.Open(folder.Write("memory.elf", new ElfBuilder().Vcpu().Load(0, new byte[8192]).Build()));
        driver.Dispose();
        driver.Dispose();

        Assert.Throws<ObjectDisposedException>(() => driver.Read(new Pa(0), new byte[8]));
        Assert.Throws<ObjectDisposedException>(() => driver.ReadMany([new PhysicalRead(new Pa(0), new byte[8])]));
        Assert.Throws<ObjectDisposedException>(() => driver.ReadPage(new Gfn(0)));
        Assert.Throws<ObjectDisposedException>(() => driver.TryGetSpan(new Pa(0), 8, out _));
        Assert.Throws<ObjectDisposedException>(() => driver.GetRegisters(new VcpuId(0)));
        Assert.Throws<ObjectDisposedException>(() => driver.MemoryMap);
        Assert.Throws<ObjectDisposedException>(() => driver.Info);
    }

    [Fact]
    public void A_page_outlives_its_driver()
    {
        using var folder = new TestFolder();
        var memory = Bytes.Random(1 << 20);
        var page = PageOf(folder.Write("memory.raw", memory));
        Collect();

        Assert.True(page.IsMapped);
        Assert.Equal(memory[0x5000..0x6000], page.ToArray());
    }

    [Fact]
    public void A_mapping_ends_when_nothing_refers_to_it()
    {
        using var folder = new TestFolder();
        var path = folder.Write("to-be-unmapped.raw", new byte[1 << 20]);
        Use(path);
        Collect();

        Assert.DoesNotContain(path, File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Use(string path)
        {
            using var driver = MemoryFile.Open(path);
            Assert.Contains(path, File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Readers_on_other_threads_survive_closing(bool mapped)
    {
        using var folder = new TestFolder();
        var memory = Bytes.Random(1 << 20);
        var path = folder.Write("memory.raw", memory);
        for (var round = 0; round < 10; round++)
        {
            using var writer = mapped ? null : new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            var driver = MemoryFile.Open(path);
            Assert.Equal(mapped, driver.IsMapped);
            using var started = new CountdownEvent(4);
            var readers = Enumerable.Range(0, 4).Select(seed => Task.Factory.StartNew(() => ReadUntilClosed(driver, memory, seed, started),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
            started.Wait(TestContext.Current.CancellationToken);
            driver.Dispose();
            await Task.WhenAll(readers);
        }

        static void ReadUntilClosed(MemoryFileDriver driver, byte[] memory, int seed, CountdownEvent started)
        {
            var random = new Random(seed);
            var buffer = new byte[8192];
            try
            {
                for (var i = 0; ; i++)
                {
                    var address = random.Next(memory.Length - buffer.Length);
                    Assert.Equal(buffer.Length, driver.Read(new Pa((ulong)address), buffer));
                    Assert.True(buffer.AsSpan().SequenceEqual(memory.AsSpan(address, buffer.Length)));
                    var page = driver.ReadPage(new Pa((ulong)address).Gfn)!;
                    Assert.True(page.Span.SequenceEqual(memory.AsSpan(address & ~4095, 4096)));
                    GC.KeepAlive(page);
                    if (i == 10)
                        started.Signal();
                }
            }
            catch (ObjectDisposedException)
            {
                // The only end there is.
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static VmiMappedPage PageOf(string path)
    {
        using var driver = MemoryFile.Open(path);
        return driver.ReadPage(new Gfn(5))!;
    }

    private static void Collect()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
