using Vmi.Tests.Fakes;

namespace Vmi.Tests.Memory;

public sealed class ReadingEndsTests
{
    private const ulong Base = 0x7f00_0000_0000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Once_it_has_ended_nothing_is_read_not_even_what_is_cached(bool maps)
    {
        var driver = new FakeMemoryDriver(64, maps: maps);
        var tables = new FakePageTables(driver, 32);
        tables.Map(Base, 9 << 12);
        using var ending = new CancellationTokenSource();
        using var core = new VmiCore(driver, new VmiCoreOptions { ReadingEnds = ending.Token });
        using var operation = core.BeginOperation();
        Assert.True(core.TryReadByte((new Va(Base), tables.Root), out _, out _));
        Assert.True(core.TryReadPage(new Gfn(9), out _, out _));

        ending.Cancel();
        Assert.False(core.TryReadByte((new Va(Base), tables.Root), out _, out var fault));
        Assert.Equal((TranslationFaultCause.ReadingEnded, Base), (fault.Cause, fault.Address));
        Assert.Contains("was ended", fault.ToString());
        Assert.False(core.TryReadByte(new Pa(9 << 12), out _, out _));
        Assert.False(core.TryReadPage(new Gfn(9), out _, out _));
        Assert.Contains("was ended", core.MappedRuns(tables.Root, default, new Va(1UL << 63)).Incomplete);
    }
}
