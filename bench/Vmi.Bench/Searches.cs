using BenchmarkDotNet.Attributes;
using Vmi.Dumps;

namespace Vmi.Bench;

/// <summary>A search of all physical memory for bytes that are not there, against Span.IndexOf over the same mapping.</summary>
[MemoryDiagnoser, MinColumn]
public class Searches
{
    private const int Length = 256 << 20;

    private static readonly byte[] Needle = [.. "no such text"u8];

    private string _path = null!;
    private RawDriver _driver = null!;
    private VmiCore _core = null!;

    [GlobalSetup]
    public void Open()
    {
        _path = Path.GetTempFileName();
        var random = new Random(1);
        var block = new byte[1 << 20];
        using (var file = File.Create(_path))
        {
            for (var written = 0; written < Length; written += block.Length)
            {
                random.NextBytes(block);
                file.Write(block);
            }
        }

        _driver = RawDriver.Open(_path);
        _core = new VmiCore(_driver);
    }

    [GlobalCleanup]
    public void Close()
    {
        _core.Dispose();
        _driver.Dispose();
        File.Delete(_path);
    }

    [Benchmark(Baseline = true)]
    public int IndexOf()
    {
        if (!_driver.TryGetSpan(default, Length, out var memory))
            throw new InvalidOperationException("The file is not mapped.");
        return memory.IndexOf(Needle);
    }

    [Benchmark]
    public int SearchPhysical() => _core.SearchPhysical(new BytePattern(Needle)).Count;

    [Benchmark]
    public int SearchWithWildcards() => _core.SearchPhysical(BytePattern.ParseHex("6e 6f ?? 73 75 63 68 20 7? 65 78 74")).Count;
}
