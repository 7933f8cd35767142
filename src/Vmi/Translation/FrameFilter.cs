namespace Vmi;

/// <summary>
/// Which frames held the page tables of cached walks, as a Bloom filter: it may name a frame too many, never one too few. A write to
/// such a frame makes cached translations stale.
/// </summary>
internal sealed class FrameFilter
{
    private const int Bits = 1 << 16;
    private readonly long[] _words = new long[Bits / 64];

    public void Add(Gfn gfn)
    {
        var bit = BitOf(gfn);
        var mask = 1L << (bit & 63);
        ref var word = ref _words[bit >> 6];
        if ((Volatile.Read(ref word) & mask) == 0)
            Interlocked.Or(ref word, mask);
    }

    public bool MayContain(Gfn gfn)
    {
        var bit = BitOf(gfn);
        return (Volatile.Read(ref _words[bit >> 6]) & (1L << (bit & 63))) != 0;
    }

    public void Clear() => Array.Clear(_words);

    private static int BitOf(Gfn gfn) => (int)((gfn.Value * 0x9E3779B97F4A7C15) >> (64 - 16));
}
