using Vmi.Tests.Fakes;

namespace Vmi.Tests.Memory;

public sealed class ReadTests
{
    private const ulong Base = 0x7f00_0000_0000;

    private readonly FakeMemoryDriver _driver = new(64);
    private readonly FakePageTables _tables;
    private readonly VmiCore _core;

    public ReadTests()
    {
        _tables = new FakePageTables(_driver, 32);
        _core = new VmiCore(_driver);
        // Three virtual pages in a row, scattered in physical memory.
        _tables.Map(Base, 0x5000);
        _tables.Map(Base + 0x1000, 0x3000);
        _tables.Map(Base + 0x2000, 0x9000);
        for (var i = 0; i < 0x10000; i++)
            _driver.Memory[i] = (byte)(i >> 12 << 4 | (i & 15));
    }

    [Fact]
    public void A_read_across_pages_takes_each_from_its_own_frame()
    {
        var buffer = new byte[0x1002];
        _core.Read((new Va(Base + 0xfff), _tables.Root), buffer);
        Assert.Equal(0x5f, buffer[0]);
        Assert.Equal(0x30, buffer[1]);
        Assert.Equal(0x3f, buffer[0x1000]);
        Assert.Equal(0x90, buffer[0x1001]);
    }

    [Fact]
    public void A_read_that_meets_an_unmapped_page_says_where_and_keeps_what_came_before()
    {
        var buffer = new byte[0x2000];
        Assert.False(_core.TryRead((new Va(Base + 0x2000), _tables.Root), buffer, out var fault));
        Assert.Equal(TranslationFaultCause.NotPresent, fault.Cause);
        Assert.Equal(Base + 0x3000, fault.Address);
        Assert.Equal(_tables.Root, fault.Root);
        Assert.Equal(1, fault.Level);
        Assert.Equal(_tables.EntryOf(Base + 0x3000), fault.EntryAddress);
        Assert.Equal(0x91, buffer[1]);
        var thrown = Assert.Throws<TranslationFaultException>(() => _core.Read((new Va(Base + 0x2000), _tables.Root), buffer));
        Assert.Equal(fault, thrown.Fault);
    }

    [Fact]
    public void Missing_physical_memory_is_the_same_fault_for_a_virtual_and_a_physical_read()
    {
        _driver.Remove(new Gfn(3));
        var buffer = new byte[0x1010];
        Assert.False(_core.TryRead((new Va(Base), _tables.Root), buffer, out var byVa));
        Assert.Equal((TranslationFaultCause.PageMissing, Base + 0x1000, new Pa(0x3000)), (byVa.Cause, byVa.Address, byVa.EntryAddress));
        Assert.False(_core.TryRead(new Pa(0x2ff8), buffer.AsSpan(0, 16), out var byPa));
        Assert.Equal((TranslationFaultCause.PageMissing, 0x3000UL, new Pa(0x3000)), (byPa.Cause, byPa.Address, byPa.EntryAddress));
    }

    [Fact]
    public void A_missing_page_table_is_told_from_a_missing_page()
    {
        _driver.Remove(_tables.EntryOf(Base).Gfn);
        Assert.False(_core.TryReadByte((new Va(Base), _tables.Root), out _, out var fault));
        Assert.Equal(TranslationFaultCause.TableMissing, fault.Cause);
        Assert.Equal(1, fault.Level);
    }

    [Fact]
    public void Numbers_are_little_endian_and_may_straddle_pages()
    {
        AccessContext at = (new Va(Base + 0xffe), _tables.Root);
        Assert.Equal(0x5e, _core.ReadByte(at));
        Assert.Equal(0x5f5e, _core.ReadUInt16(at));
        Assert.Equal(0x31305f5eu, _core.ReadUInt32(at));
        Assert.Equal(0x3534333231305f5eUL, _core.ReadUInt64(at));
        Assert.Equal(0x31305f5eUL, _core.ReadUInt(at, 4));
        Assert.Equal(0x31305f5eUL, _core.ReadAddress(at, 4));
        Assert.Equal(0x31305f5eUL, _core.ReadAddress32(at));
        Assert.Equal(0x3534333231305f5eUL, _core.ReadAddress64(at));
        Assert.Equal(new Va(0x31305f5e), _core.ReadVa32(at));
        Assert.Equal(new Va(0x3534333231305f5e), _core.ReadVa64(at));
        Assert.Equal(new Va(0x31305f5e), _core.ReadVa(at, 4));
        Assert.Equal(0x3130u, _core.ReadField(at, new Field(2, 2)));
        Assert.Equal(0x13u, _core.ReadField(at, new BitField(2, 2, 4, 6)) & 0x3f);
        Assert.Equal((0x5f5e, 0x31303130u & 0xffff), (_core.ReadStruct<Pair>(at).First, _core.ReadStruct<Pair>(at).Second));
    }

    [Fact]
    public void Every_try_twin_says_the_same_as_the_method_that_throws()
    {
        AccessContext there = (new Va(Base), _tables.Root);
        AccessContext absent = (new Va(Base + 0x3000), _tables.Root);
        Assert.True(_core.TryReadByte(there, out var u8, out _));
        Assert.True(_core.TryReadUInt16(there, out var u16, out _));
        Assert.True(_core.TryReadUInt32(there, out var u32, out _));
        Assert.True(_core.TryReadUInt64(there, out var u64, out _));
        Assert.True(_core.TryReadVa64(there, out var va, out _));
        Assert.Equal((_core.ReadByte(there), _core.ReadUInt16(there), _core.ReadUInt32(there)), (u8, u16, u32));
        Assert.Equal((_core.ReadUInt64(there), _core.ReadVa64(there)), (u64, va));
        Assert.True(_core.TryReadUInt(there, 4, out var number, out _));
        Assert.True(_core.TryReadAddress32(there, out var narrow, out _));
        Assert.True(_core.TryReadAddress64(there, out var wide, out _));
        Assert.True(_core.TryReadVa32(there, out var narrowVa, out _));
        Assert.Equal((u32, u32, u64, u32), (number, narrow, wide, narrowVa.Value));
        Assert.True(_core.TryReadField(there, new BitField(0, 4, 4, 8), out var bits, out _));
        Assert.Equal((u32 >> 4) & 0xff, bits);
        Assert.True(_core.TryTranslateAddress((new Va(Base + 3), _tables.Root), out var pa, out _));
        Assert.True(_core.TryTranslateAccessContext(there + 3, out var samePa, out _));
        Assert.Equal((new Pa(0x5003), new Pa(0x5003)), (pa, samePa));
        Assert.False(_core.TryReadByte(absent, out _, out var fault));
        foreach (var read in new Func<bool>[]
        {
            () => _core.TryReadUInt16(absent, out _, out fault), () => _core.TryReadUInt32(absent, out _, out fault),
            () => _core.TryReadUInt64(absent, out _, out fault), () => _core.TryReadUInt(absent, 4, out _, out fault),
            () => _core.TryReadAddress(absent, 8, out _, out fault), () => _core.TryReadVa(absent, 4, out _, out fault),
            () => _core.TryReadStruct<Pair>(absent, out _, out fault), () => _core.TryReadString(absent, out _, out fault),
            () => _core.TryReadWideString(absent, out _, out fault), () => _core.TryReadField(absent, new Field(0, 8), out _, out fault),
            () => _core.TryTranslate(absent, out _, out fault), () => _core.TryReadAddress32(absent, out _, out fault),
            () => _core.TryReadAddress64(absent, out _, out fault), () => _core.TryReadVa32(absent, out _, out fault),
            () => _core.TryReadVa64(absent, out _, out fault), () => _core.TryReadStringBytes(absent, out _, out fault),
            () => _core.TryReadStringBytes(absent, 7, out _, out fault), () => _core.TryReadString(absent, 7, out _, out fault),
            () => _core.TryReadWideStringBytes(absent, out _, out fault), () => _core.TryReadWideStringBytes(absent, 7, out _, out fault),
            () => _core.TryReadWideString(absent, 7, out _, out fault), () => _core.TryTranslateAccessContext(absent, out _, out fault),
            () => _core.TryReadField(absent, new BitField(0, 8, 3, 4), out _, out fault),
            () => _core.TryTranslateAddress((new Va(Base + 0x3000), _tables.Root), out _, out fault),
        })
        {
            fault = default;
            Assert.False(read());
            Assert.Equal(Base + 0x3000, fault.Address);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(9)]
    public void A_number_of_another_size_is_refused(int size)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _core.ReadUInt(new Pa(0), size));
        Assert.Throws<ArgumentOutOfRangeException>(() => _core.ReadField(new Pa(0), new Field(0, (ulong)size)));
        Assert.Throws<ArgumentOutOfRangeException>(() => _core.ReadAddress(new Pa(0), size));
    }

    [Fact]
    public void A_bare_virtual_address_needs_something_that_knows_its_root()
    {
        Assert.False(_core.TryReadByte(new Va(Base), out _, out var fault));
        Assert.Equal(TranslationFaultCause.RootMissing, fault.Cause);
        Assert.Contains("root", fault.ToString());
    }

    [Fact]
    public void A_read_of_nothing_succeeds_anywhere()
    {
        _core.Read((new Va(0xdead_0000_0000), _tables.Root), []);
        _core.Read(new Va(1), []);
    }

    [Fact]
    public void A_read_at_the_end_of_the_address_space_does_not_wrap_into_mapped_memory()
    {
        _tables.Map(0xffff_ffff_ffff_f000, 0x5000);
        _tables.Map(0, 0x3000);
        var buffer = new byte[16];
        Assert.False(_core.TryRead((new Va(0xffff_ffff_ffff_fff8), _tables.Root), buffer, out var fault));
        Assert.Equal((0UL, TranslationFaultCause.NonCanonical), (fault.Address, fault.Cause));
        Assert.Equal([0x58, 0x5f, 0], [buffer[0], buffer[7], buffer[8]]);
        Assert.False(_core.TryWrite((new Va(0xffff_ffff_ffff_fff8), _tables.Root), buffer, out fault));
        Assert.Equal((0UL, TranslationFaultCause.NonCanonical), (fault.Address, fault.Cause));
        Assert.Equal(0x30, _driver.Memory[0x3000]);
        Assert.Equal(0x5f, _core.ReadByte((new Va(ulong.MaxValue), _tables.Root)));
    }

    [Fact]
    public void A_translation_tells_page_size_and_rights()
    {
        Assert.True(_core.TryTranslate((new Va(Base + 0x123), _tables.Root), out var translation, out _));
        Assert.Equal(new Pa(0x5123), translation.Pa);
        Assert.Equal(12, translation.PageShift);
        Assert.True(translation is { Writable: true, User: true, Executable: true });
        Assert.Equal(new Pa(0x5123), _core.TranslateAddress((new Va(Base + 0x123), _tables.Root)));
        Assert.Equal(new Pa(0x77), _core.TranslateAccessContext(new Pa(0x77)));
        Assert.Equal(4, _core.Walk((new Va(Base), _tables.Root)).Entries.Count);
    }

    [Fact]
    public void After_the_core_is_closed_reads_are_refused()
    {
        _core.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _core.ReadByte((new Va(Base), _tables.Root)));
        Assert.Throws<ObjectDisposedException>(() => _core.ReadByte(new Pa(0)));
        Assert.Throws<ObjectDisposedException>(() => _core.ReadPage(default));
        Assert.Throws<ObjectDisposedException>(() => _core.WriteByte(new Pa(0), 1));
        Assert.Throws<ObjectDisposedException>(() => _core.Walk((new Va(Base), _tables.Root)));
    }

    private struct Pair
    {
#pragma warning disable CS0649 // Filled from guest memory.
        public ushort First;
        public ushort Second;
#pragma warning restore CS0649
    }
}
