using Vmi.Tests.Fakes;

namespace Vmi.Tests.Memory;

public sealed class WriteTests
{
    private const ulong Base = 0x7f00_0000_0000;

    private readonly FakeMemoryDriver _driver = new(64);
    private readonly FakePageTables _tables;
    private readonly VmiCore _core;

    public WriteTests()
    {
        _tables = new FakePageTables(_driver, 32);
        _core = new VmiCore(_driver);
        _tables.Map(Base, 0x5000);
        _tables.Map(Base + 0x1000, 0x3000);
    }

    [Fact]
    public void A_write_across_pages_goes_to_each_frame()
    {
        _core.Write((new Va(Base + 0xffe), _tables.Root), [1, 2, 3, 4]);
        Assert.Equal([1, 2], _driver.Memory[0x5ffe..0x6000].ToArray());
        Assert.Equal([3, 4], _driver.Memory[0x3000..0x3002].ToArray());
    }

    [Fact]
    public void What_was_written_is_what_is_read_back_though_the_page_was_remembered()
    {
        AccessContext at = (new Va(Base + 8), _tables.Root);
        Assert.Equal(0UL, _core.ReadUInt64(at));
        _core.WriteUInt64(at, 0x1122334455667788);
        Assert.Equal(0x1122334455667788UL, _core.ReadUInt64(at));
        _core.WriteUInt32(at, 0xaabbccdd);
        _core.WriteUInt16(at + 4, 0xeeff);
        _core.WriteByte(at + 6, 0x99);
        Assert.Equal(0x1199eeffaabbccddUL, _core.ReadUInt64(at));
        _core.WriteStruct(at, (1, 2));
        Assert.Equal((1, 2), _core.ReadStruct<(int, int)>(at));
    }

    [Fact]
    public void A_write_to_a_page_table_that_was_walked_makes_its_translations_stale()
    {
        _driver.Memory[0x5000] = 5;
        _driver.Memory[0x7000] = 7;
        AccessContext at = (new Va(Base), _tables.Root);
        Assert.Equal(5, _core.ReadByte(at));
        _core.WriteUInt64(_tables.EntryOf(Base), 0x7007);
        Assert.Equal(7, _core.ReadByte(at));
    }

    [Fact]
    public void A_write_elsewhere_keeps_what_is_remembered()
    {
        AccessContext at = (new Va(Base), _tables.Root);
        _core.ReadByte(at);
        _core.WriteByte((new Va(Base + 0x1000), _tables.Root), 1);
        var reads = _driver.Reads;
        _core.ReadByte(at);
        Assert.Equal(reads, _driver.Reads);
    }

    [Fact]
    public void A_write_that_meets_an_unmapped_page_says_where_and_has_written_what_comes_before()
    {
        Assert.False(_core.TryWrite((new Va(Base + 0x1ffe), _tables.Root), [1, 2, 3], out var fault));
        Assert.Equal(Base + 0x2000, fault.Address);
        Assert.Equal([1, 2], _driver.Memory[0x3ffe..0x4000].ToArray());
        Assert.Throws<TranslationFaultException>(() => _core.WriteByte((new Va(Base + 0x2000), _tables.Root), 1));
        Assert.False(_core.TryWriteByte((new Va(Base + 0x2000), _tables.Root), 1, out _));
        Assert.False(_core.TryWriteUInt16((new Va(Base + 0x2000), _tables.Root), 1, out _));
        Assert.False(_core.TryWriteUInt32((new Va(Base + 0x2000), _tables.Root), 1, out _));
        Assert.False(_core.TryWriteUInt64((new Va(Base + 0x2000), _tables.Root), 1, out _));
        Assert.False(_core.TryWriteStruct((new Va(Base + 0x2000), _tables.Root), 1L, out _));
    }

    [Fact]
    public void A_driver_that_can_not_write_refuses_by_name_before_anything_else()
    {
        using var core = new VmiCore(new ReadOnlyDriver());
        var refusal = Assert.Throws<VmiNotSupportedException>(() => core.WriteByte((new Va(0xdead0000), default), 1));
        Assert.Contains("writing memory", refusal.Message);
        Assert.Contains("read-only", refusal.Message);
        Assert.Throws<VmiNotSupportedException>(() => core.Write(new Pa(0), []));
        Assert.Throws<VmiNotSupportedException>(core.Pause);
        Assert.Throws<VmiNotSupportedException>(() => core.GetRegisters(default));
        Assert.Throws<VmiNotSupportedException>(() => core.CreateView(MemoryAccess.None));
        Assert.Throws<VmiNotSupportedException>(() => core.GetMemoryAccess(default, default));
        Assert.Throws<VmiNotSupportedException>(() => core.EventsPending);
        Assert.False(core.Supports<IVmiWrite>());
        Assert.True(core.Supports<IVmiRead>());
    }

    private sealed class ReadOnlyDriver : IVmiRead
    {
        public string Name => "read-only";

        public Architecture Architecture => Amd64.Amd64Architecture.Instance;

        public bool IsLive => false;

        public VmiInfo Info => new(default, 0);

        public IReadOnlyList<PhysicalRange> MemoryMap => [];

        public bool TryGetSpan(Pa address, int length, out ReadOnlySpan<byte> span)
        {
            span = default;
            return false;
        }

        public int Read(Pa address, Span<byte> destination) => 0;

        public void ReadMany(Span<PhysicalRead> reads)
        {
        }

        public VmiMappedPage? ReadPage(Gfn gfn) => null;

        public void Dispose()
        {
        }
    }
}
