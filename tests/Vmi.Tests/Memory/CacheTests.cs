using Vmi.Amd64;
using Vmi.Tests.Fakes;

namespace Vmi.Tests.Memory;

public sealed class CacheTests
{
    private const ulong Base = 0x7f00_0000_0000;

    [Fact]
    public void On_a_file_a_translation_is_looked_up_once_for_a_whole_page()
    {
        var (driver, tables, core) = Machine(isLive: false, maps: true);
        for (ulong offset = 0; offset < 0x1000; offset += 8)
            core.ReadUInt64((new Va(Base + offset), tables.Root));
        driver.Memory[(int)tables.EntryOf(Base).Value] = 0;
        Assert.Equal(5, core.ReadByte((new Va(Base), tables.Root)));
    }

    [Fact]
    public void On_a_running_machine_each_read_looks_anew()
    {
        var (driver, tables, core) = Machine(isLive: true);
        AccessContext at = (new Va(Base), tables.Root);
        Assert.Equal(5, core.ReadByte(at));
        tables.Map(Base, 0x7000);
        Assert.Equal(7, core.ReadByte(at));
        driver.Memory[0x7000] = 8;
        Assert.Equal(8, core.ReadByte(at));
    }

    [Fact]
    public void Within_an_operation_on_a_running_machine_what_was_looked_up_is_used_again()
    {
        var (driver, tables, core) = Machine(isLive: true);
        AccessContext at = (new Va(Base), tables.Root);
        using (core.BeginOperation())
        {
            core.ReadByte(at);
            var reads = driver.Reads;
            using (core.BeginOperation())
                core.ReadByte(at + 1);
            core.ReadUInt64(at + 8);
            Assert.Equal(reads, driver.Reads);
        }

        tables.Map(Base, 0x7000);
        using (core.BeginOperation())
            Assert.Equal(7, core.ReadByte(at));
    }

    [Fact]
    public void While_the_machine_is_paused_what_was_looked_up_is_used_again_until_it_is_resumed()
    {
        var (driver, tables, core) = Machine(isLive: true);
        AccessContext at = (new Va(Base), tables.Root);
        using (core.PauseGuard())
        {
            Assert.True(driver.IsPaused);
            core.ReadByte(at);
            var reads = driver.Reads;
            core.ReadByte(at);
            Assert.Equal(reads, driver.Reads);
        }

        Assert.False(driver.IsPaused);
        tables.Map(Base, 0x7000);
        Assert.Equal(7, core.ReadByte(at));
    }

    [Fact]
    public void A_pause_guard_pauses_and_resumes_once_and_on_a_file_not_at_all()
    {
        var (driver, _, core) = Machine(isLive: true);
        var guard = core.PauseGuard();
        guard.Dispose();
        guard.Dispose();
        Assert.Equal(["pause", "resume"], driver.Calls);
        Assert.Throws<InvalidOperationException>(core.Resume);
        var (file, _, onFile) = Machine(isLive: false);
        onFile.PauseGuard().Dispose();
        Assert.Empty(file.Calls);
    }

    [Fact]
    public void Flushing_an_entry_returns_what_was_remembered_and_forgets_it()
    {
        var (driver, tables, core) = Machine(isLive: false);
        AccessContext at = (new Va(Base + 3), tables.Root);
        Assert.Null(core.FlushV2PCacheEntry(at));
        Assert.Null(core.FlushGfnCacheEntry(new Gfn(5)));
        core.ReadByte(at);
        tables.Map(Base, 0x7000);
        core.FlushGfnCache();
        Assert.Equal(7, core.ReadByte(at - 3));
        Assert.Equal(new Pa(0x7003), core.FlushV2PCacheEntry(at));
        Assert.Null(core.FlushV2PCacheEntry(at));
        var page = core.ReadPage(new Gfn(9));
        Assert.Same(page, core.ReadPage(new Gfn(9)));
        Assert.Same(page, core.FlushGfnCacheEntry(new Gfn(9)));
        Assert.NotSame(page, core.ReadPage(new Gfn(9)));
        Assert.Equal(page.ToArray(), driver.Memory[0x9000..0xa000].ToArray());
    }

    [Fact]
    public void Flushing_translations_forgets_them_all()
    {
        var (_, tables, core) = Machine(isLive: false, maps: true);
        AccessContext at = (new Va(Base), tables.Root);
        Assert.Equal(5, core.ReadByte(at));
        tables.Map(Base, 0x7000);
        Assert.Equal(5, core.ReadByte(at));
        core.FlushV2PCache();
        Assert.Equal(7, core.ReadByte(at));
    }

    [Fact]
    public void A_remembered_virtual_read_allocates_nothing()
    {
        var (_, tables, core) = Machine(isLive: false, maps: true);
        AccessContext at = (new Va(Base), tables.Root);
        for (var i = 0; i < 1000; i++)
            core.ReadUInt64(at);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sum = 0UL;
        for (ulong i = 0; i < 1000; i++)
            sum += core.ReadUInt64(at + (i & 0xff));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.NotEqual(0UL, sum);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Translations_and_pages_never_tear_though_many_threads_fight_for_few_entries(bool maps)
    {
        var (driver, tables, _) = Machine(isLive: false, maps);
        // Page n holds the number n, and is mapped twice: by itself, and within a page of 2 MiB. All compete for a few entries.
        const int pages = 8;
        const ulong first = 8;
        const ulong large = Base + (1 << 21);
        tables.MapLarge(large, 0);
        for (ulong page = 0; page < pages; page++)
        {
            tables.Map(Base + (page << 12), (first + page) << 12);
            driver.Memory[(int)((first + page) << 12)] = (byte)page;
        }

        var core = new VmiCore(driver, new VmiCoreOptions { TranslationCacheEntries = 4, PageCacheEntries = 4 });
        var root = tables.Root;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(
            () =>
            {
                var random = new Random(seed);
                for (var i = 0; i < (maps ? 300_000 : 60_000); i++)
                {
                    var page = (ulong)random.Next(pages);
                    var va = random.Next(2) == 0 ? Base + (page << 12) : large + ((first + page) << 12);
                    var value = core.ReadByte((new Va(va), root));
                    if (value != page)
                        Assert.Fail($"Page {page} read as {value}.");
                    if ((i & 0x3fff) == 0)
                        core.FlushV2PCache();
                    else if ((i & 0xfff) == 0)
                        core.FlushV2PCacheEntry((new Va(va), root));
                }
            },
            TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void A_page_that_is_written_while_another_thread_copies_it_is_not_remembered_as_it_was()
    {
        var (driver, _, core) = Machine(isLive: false);
        driver.AfterCopy = () => core.WriteByte(new Pa(0x5000), 9);
        core.ReadByte(new Pa(0x5000));
        Assert.Equal(9, core.ReadByte(new Pa(0x5000)));
    }

    [Fact]
    public void A_write_that_fails_half_way_leaves_nothing_stale()
    {
        var driver = new FailingWrites();
        var core = new VmiCore(driver);
        Assert.Equal(0, core.ReadByte(new Pa(0x5000)));
        Assert.Throws<VmiDriverException>(() => core.Write(new Pa(0x5000), [7, 8]));
        Assert.Equal(7, core.ReadByte(new Pa(0x5000)));
    }

    [Fact]
    public void A_page_of_2_MiB_is_looked_up_once()
    {
        var (driver, tables, core) = Machine(isLive: false, maps: true);
        tables.MapLarge(Base + (1 << 21), 0);
        AccessContext at = (new Va(Base + (1 << 21)), tables.Root);
        Assert.Equal(5, core.ReadByte(at + 0x5000));
        driver.Memory[(int)tables.EntryOf(Base + (1 << 21), level: 2).Value] = 0;
        Assert.Equal(7, core.ReadByte(at + 0x7000));
        Assert.Equal(new Pa(0x5004), core.FlushV2PCacheEntry(at + 0x5004));
        Assert.False(core.TryReadByte(at + 0x7000, out _, out _));
    }

    [Fact]
    public void The_paging_of_a_guest_that_still_boots_is_asked_for_again()
    {
        var driver = new BootingGuest();
        var tables = new FakePageTables(driver, 32);
        tables.Map(Base, 0x5000);
        driver.Memory[0x5000] = 5;
        var core = new VmiCore(driver);
        Assert.Equal(5, core.ReadByte((new Va(0x5000), tables.Root)));
        driver.Cr0 = 0x8000_0001;
        Assert.Equal(5, core.ReadByte((new Va(Base), tables.Root)));
    }

    private static (FakeMemoryDriver Driver, FakePageTables Tables, VmiCore Core) Machine(bool isLive, bool maps = false)
    {
        var driver = new FakeMemoryDriver(64, isLive, maps);
        var tables = new FakePageTables(driver, 32);
        tables.Map(Base, 0x5000);
        driver.Memory[0x5000] = 5;
        driver.Memory[0x7000] = 7;
        return (driver, tables, new VmiCore(driver));
    }

    private sealed class FailingWrites() : FakeMemoryDriver(64), IVmiWrite
    {
        int IVmiWrite.Write(Pa address, ReadOnlySpan<byte> source)
        {
            Write(address, source[..1]);
            throw new VmiDriverException("gone");
        }
    }

    private sealed class BootingGuest() : FakeMemoryDriver(64, isLive: true), IVmiQueryRegisters
    {
        public ulong Cr0 { get; set; } = 0x10;

        public Registers GetRegisters(VcpuId vcpu) => new Amd64Registers(Amd64RegisterGroups.Control | Amd64RegisterGroups.Efer)
        {
            Cr0 = Cr0,
            Cr3 = 0,
            Cr4 = 0x20,
            Efer = 0x500,
        };
    }
}
