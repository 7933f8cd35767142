namespace Vmi;

/// <summary>Remembers frames: copies for as long as their generation lasts, mapped ones until they are flushed or displaced.</summary>
internal sealed class PageCache(int capacity)
{
    private readonly Entry?[] _entries = new Entry?[capacity];

    public VmiMappedPage? Find(Gfn gfn, long generation)
    {
        var entry = Volatile.Read(ref _entries[IndexOf(gfn)]);
        return entry is not null && entry.Page.Gfn == gfn && (entry.Page.IsMapped || entry.Generation == generation) ? entry.Page : null;
    }

    public void Add(VmiMappedPage page, long generation) =>
        Interlocked.Exchange(ref _entries[IndexOf(page.Gfn)], new Entry(page, generation));

    public VmiMappedPage? Remove(Gfn gfn, long generation)
    {
        var page = Find(gfn, generation);
        if (page is not null)
            Volatile.Write(ref _entries[IndexOf(gfn)], null);
        return page;
    }

    public void Clear() => Array.Clear(_entries);

    private int IndexOf(Gfn gfn) => (int)((gfn.Value * 0x9E3779B97F4A7C15 >> 32) % (uint)_entries.Length);

    private sealed record Entry(VmiMappedPage Page, long Generation);
}
