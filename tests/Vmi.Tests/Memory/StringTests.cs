using System.Text;
using Vmi.Tests.Fakes;

namespace Vmi.Tests.Memory;

public sealed class StringTests
{
    private const ulong Base = 0x7f00_0000_0000;
    private const int Pages = 5;

    private readonly FakeMemoryDriver _driver = new(64);
    private readonly FakePageTables _tables;
    private readonly VmiCore _core;

    public StringTests()
    {
        _tables = new FakePageTables(_driver, 32);
        _core = new VmiCore(_driver);
        // Virtually one after the other, physically every second frame, downwards; a page that is not there follows.
        for (var i = 0; i < Pages; i++)
            _tables.Map(Base + ((ulong)i * 0x1000), (ulong)(20 - (2 * i)) * 0x1000);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(4090, 6)]
    [InlineData(4090, 7)]
    [InlineData(100, 4096 * 3)]
    [InlineData(1, (4096 * 4) + 77)]
    public void A_string_that_crosses_pages_is_whole(int offset, int length)
    {
        var text = Text(length);
        Place(offset, [.. Encoding.ASCII.GetBytes(text), 0]);
        Assert.Equal(text, _core.ReadString(At(offset)));
        Assert.Equal(text[..(length / 2)], _core.ReadString(At(offset), length / 2));
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(4094, 9)]
    [InlineData(4095, 9)]
    [InlineData(101, 4096)]
    [InlineData(2, 8000)]
    public void A_wide_string_that_crosses_pages_is_whole_also_at_an_odd_address(int offset, int length)
    {
        var text = Text(length) + "äß€";
        Place(offset, [.. Encoding.Unicode.GetBytes(text), 0, 0]);
        Assert.Equal(text, _core.ReadWideString(At(offset)));
        Assert.Equal(text[..4], _core.ReadWideString(At(offset), 8));
        Assert.Equal(text[..4], _core.ReadWideString(At(offset), 9));
        Assert.Equal(text.Select(c => (ushort)c), _core.ReadWideStringBytes(At(offset)));
    }

    [Fact]
    public void A_string_that_ends_just_before_an_unmapped_page_is_read()
    {
        Place((Pages * 4096) - 4, "abc\0"u8);
        Assert.Equal("abc", _core.ReadString(At((Pages * 4096) - 4)));
        Place((Pages * 4096) - 8, [.. Encoding.Unicode.GetBytes("abc"), 0, 0]);
        Assert.Equal("abc", _core.ReadWideString(At((Pages * 4096) - 8)));
    }

    [Fact]
    public void A_limit_that_ends_just_before_an_unmapped_page_is_no_fault()
    {
        Place((Pages * 4096) - 4, "abcd"u8);
        Assert.Equal("abcd", _core.ReadString(At((Pages * 4096) - 4), 4));
    }

    [Fact]
    public void A_string_that_runs_into_an_unmapped_page_gives_its_beginning_and_the_fault()
    {
        Place((Pages * 4096) - 4, "abcd"u8);
        Assert.False(_core.TryReadString(At((Pages * 4096) - 4), out var text, out var fault));
        Assert.Equal("abcd", text);
        Assert.Equal(Base + (Pages * 4096), fault.Address);
        Assert.Throws<TranslationFaultException>(() => _core.ReadString(At((Pages * 4096) - 4)));
    }

    [Fact]
    public void Without_a_limit_of_its_own_a_string_without_end_stops_at_the_bound_of_the_core()
    {
        var core = new VmiCore(_driver, new VmiCoreOptions { Limits = new VmiLimits { StringBytes = 5000 } });
        Place(0, Encoding.ASCII.GetBytes(Text(Pages * 4096)));
        Assert.Equal(5000, core.ReadString(At(0)).Length);
        core.ReadStringLengthLimit = 17;
        Assert.Equal(17, core.ReadString(At(0)).Length);
        Assert.Equal(8, core.ReadWideString(At(0)).Length);
        core.ReadStringLengthLimit = null;
        Assert.Equal(5000, core.ReadStringBytes(At(0)).Length);
    }

    [Fact]
    public void An_empty_string_and_a_limit_of_zero_give_nothing()
    {
        Place(7, "\0"u8);
        Assert.Equal("", _core.ReadString(At(7)));
        Assert.Equal("", _core.ReadString(At(Pages * 4096), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _core.ReadString(At(0), -1));
    }

    private static string Text(int length) => string.Create(length, 0, (span, _) =>
    {
        for (var i = 0; i < span.Length; i++)
            span[i] = (char)('!' + (i % 90));
    });

    private AccessContext At(int offset) => (new Va(Base + (ulong)offset), _tables.Root);

    private void Place(int offset, ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
            _driver.Memory[((20 - (2 * ((offset + i) / 4096))) * 4096) + ((offset + i) % 4096)] = bytes[i];
    }
}
