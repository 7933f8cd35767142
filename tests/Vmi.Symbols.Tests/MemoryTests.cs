namespace Vmi.Symbols.Tests;

/// <summary>What a profile costs; measured while no other test runs.</summary>
[Collection(nameof(MemoryTests))]
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryTests
{
    [Theory]
    [InlineData("6.1")]
    [InlineData("6.12")]
    public void The_symbols_of_a_kernel_cost_less_than_6_MiB(string version)
    {
        var kernel = RealKernel.Get(version);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var symbols = Assert.Single(KallsymsFinder.FindAll(kernel.Image));

        Assert.True(symbols.TryGetAddress("schedule", out _));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, 1 << 20, 6 << 20);
        GC.KeepAlive(symbols);
    }
}
