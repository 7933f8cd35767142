namespace Vmi.Linux;

/// <summary>
/// Finds the pages of a file in memory: `address_space.i_pages`, a sparse array of the `struct page` of each, whose place in the array of
/// all of them (`vmemmap_base`) says where the page is.
/// </summary>
internal sealed class PageCacheReader(KernelReader kernel)
{
    /// <summary>No folio has more pages: 1 GiB.</summary>
    private const ulong LargestFolio = 1 << 18;

    private const ulong LastFrame = 1UL << 40; // 52 bits of an address

    /// <summary>
    /// The pages of a file, by index, and those of which the kernel itself says that they are elsewhere (swapped out, or dropped). Of what
    /// is in neither the kernel knows nothing.
    /// </summary>
    /// <param name="inode">The file.</param>
    /// <param name="pages">How many pages it has; what is behind them is not looked at.</param>
    public VmiList<PageRun> Read(InodeRecord inode, ulong pages)
    {
        var mapping = inode.Mapping;
        var missing = new Shortfall();
        var runs = new List<PageRun>();
        var entries = XArray.Entries(kernel, mapping + kernel.Layouts.Inode.Pages, "pages of the file");
        missing.Add(entries.Incomplete);
        var end = 0UL;
        foreach (var entry in entries.Where(each => each.Index < pages))
        {
            if (entry.Index < end)
            {
                missing.Add($"two pages claim to be page {entry.Index} of the file");
                continue;
            }

            var count = Math.Min(entry.Count, pages - entry.Index);
            end = entry.Index + count;
            Pa? place = null;
            if (!entry.IsValue && !TryPlace(mapping, entry, out place))
                missing.Add($"page {entry.Index} of the file, of {entry.Entry}, is none of it");
            // Room that was made for a file that is in memory only, and was not written to, is zero.
            else if (entry.IsValue || place is not null || !inode.IsInMemoryOnly)
                Add(runs, new PageRun(entry.Index, count, place));
        }

        return new VmiList<PageRun>(runs, missing.ToString());
    }

    private static void Add(List<PageRun> runs, PageRun next)
    {
        if (runs.Count > 0 && runs[^1] is var last && last.Index + last.Count == next.Index
            && (last.Address is { } place ? next.Address == place + last.Count * Frame.Size : next.Address is null))
            runs[^1] = last with { Count = last.Count + next.Count };
        else
            runs.Add(next);
    }

    /// <summary>
    /// Where the page is; null if its content is not that of the file (yet). A folio may stand at each of its indices, not only at its
    /// first one.
    /// </summary>
    private bool TryPlace(Va mapping, XArrayEntry entry, out Pa? place)
    {
        place = null;
        var layout = kernel.Layouts.Page;
        var (distance, rest) = Math.DivRem(unchecked(entry.Entry - kernel.Kernel.PageArrayBase), layout.Size);
        if (rest != 0 || distance >= LastFrame || !kernel.TryReadStruct(entry.Entry, layout, out var page)
            || page.ReadVa(layout.Mapping) != mapping)
            return false;
        var inside = unchecked(entry.Index - page.Read(layout.Index));
        if (inside >= LargestFolio)
            return false;
        if ((page.Read(layout.Flags) >> layout.UpToDate & 1) != 0)
            place = new Pa((distance + inside) * Frame.Size);
        return true;
    }
}
