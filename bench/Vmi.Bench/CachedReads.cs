using BenchmarkDotNet.Attributes;
using Vmi.Dumps;

namespace Vmi.Bench;

/// <summary>
/// Cached virtual 8-byte reads as a dependent chain (the next address comes from the value read), against the same chain of plain
/// loads from the same bytes.
/// </summary>
[MemoryDiagnoser]
public unsafe class CachedReads
{
    private const int Links = 100_000;
    private const int Pages = 1024;

    private ChainFile _file = null!;
    private RawDriver _driver = null!;
    private VmiCore _core = null!;
    private ulong[] _plain = null!;

    [GlobalSetup]
    public void Open()
    {
        _file = new ChainFile(Pages, Links);
        _driver = RawDriver.Open(_file.Path);
        _core = new VmiCore(_driver);
        // The same chain with host addresses in place of virtual ones: what the hardware alone takes for it.
        _plain = GC.AllocateArray<ulong>(Pages * 512, pinned: true);
        fixed (ulong* plain = _plain)
        {
            var at = _file.First;
            for (var i = 0; i < Links; i++)
            {
                var next = _core.ReadUInt64((new Va(at), _file.Root));
                plain[(at - ChainFile.Start) / 8] = (ulong)(plain + ((next - ChainFile.Start) / 8));
                at = next;
            }
        }
    }

    [GlobalCleanup]
    public void Close()
    {
        _core.Dispose();
        _driver.Dispose();
        _file.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Links)]
    public ulong PlainLoads()
    {
        fixed (ulong* plain = _plain)
        {
            var at = (ulong)(plain + ((_file.First - ChainFile.Start) / 8));
            for (var i = 0; i < Links; i++)
                at = *(ulong*)at;
            return at;
        }
    }

    [Benchmark(OperationsPerInvoke = Links)]
    public ulong ReadUInt64()
    {
        var at = _file.First;
        for (var i = 0; i < Links; i++)
            at = _core.ReadUInt64((new Va(at), _file.Root));
        return at;
    }
}
