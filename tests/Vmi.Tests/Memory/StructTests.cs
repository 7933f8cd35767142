using Vmi.Tests.Fakes;

namespace Vmi.Tests.Memory;

public sealed class StructTests
{
    private readonly FakeMemoryDriver _driver = new(4);
    private readonly VmiCore _core;

    public StructTests()
    {
        for (var i = 0; i < 256; i++)
            _driver.Memory[i] = (byte)i;
        _core = new VmiCore(_driver);
    }

    [Fact]
    public void A_structure_is_read_once_and_its_fields_come_from_the_copy()
    {
        var reader = new StructReader(_core, new Pa(0x10), 32);
        var reads = _driver.Reads;
        _driver.Memory[0x14] = 0xff;
        Assert.Equal(0x17161514UL, reader.Read(new Field(4, 4)));
        Assert.Equal(0x1716151413121110UL, reader.ReadVa(new Field(0, 8)).Value);
        Assert.Equal(0x121110UL, reader.Read(new Field(0, 3)));
        Assert.Equal([0x1e, 0x1f], reader.ReadBytes(new Field(14, 2)).ToArray());
        Assert.Equal(reads, _driver.Reads);
    }

    [Theory]
    [InlineData(0, 1, 0, 1, 0UL)]
    [InlineData(1, 1, 0, 4, 1UL)]
    [InlineData(0, 8, 8, 8, 0x11UL)]
    [InlineData(0, 8, 0, 64, 0x1716151413121110UL)]
    [InlineData(0, 8, 63, 1, 0UL)]
    public void A_bit_field_has_its_bits_only(ulong offset, ulong size, int bit, int count, ulong expected) =>
        Assert.Equal(expected, new StructReader(_core, new Pa(0x10), 8).Read(new BitField(offset, size, bit, count)));

    [Theory]
    [InlineData(29, 4)]
    [InlineData(32, 1)]
    [InlineData(ulong.MaxValue, 8)]
    [InlineData(0, 33)]
    [InlineData(0, 0)]
    public void A_field_outside_of_the_structure_is_refused(ulong offset, ulong size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new StructReader(_core, new Pa(0), 32).Read(new Field(offset, size)));

    [Fact]
    public void A_structure_that_is_not_all_there_is_a_fault_and_an_absurd_length_is_refused()
    {
        Assert.Throws<TranslationFaultException>(() => new StructReader(_core, new Pa(0x3ff8), 16));
        Assert.False(StructReader.TryRead(_core, new Pa(0x3ff8), 16, out _, out var fault));
        Assert.Equal(0x4000UL, fault.Address);
        Assert.Throws<ArgumentOutOfRangeException>(() => new StructReader(_core, new Pa(0), int.MaxValue));
    }

    [Fact]
    public void A_prober_collects_every_fault_but_the_suppressed_ones()
    {
        var tables = new FakePageTables(_driver, 2);
        var known = new AddressContext(new Va(0x5000), tables.Root);
        var prober = new VmiProber([known]);
        foreach (ulong va in (ulong[])[0x5123, 0x6000, 0x7008])
            Assert.False(prober.TryProbe(() => _core.ReadUInt64((new Va(va), tables.Root)), out _));
        Assert.True(prober.TryProbe(() => _core.ReadByte(new Pa(1)), out var value));
        Assert.Equal(1, value);
        Assert.Equal([0x6000UL, 0x7008UL], prober.PageFaults.Select(fault => fault.Address));
        Assert.Equal(2, Assert.Throws<PageFaultsException>(prober.ThrowIfPageFaults).Faults.Count);
    }
}
