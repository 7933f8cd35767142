namespace Vmi.Dumps;

/// <summary>Where each byte of guest physical memory is in a file: runs that ascend and do not overlap.</summary>
internal sealed class RunTable
{
    private readonly FileRun[] _runs;

    // Which run was found last: most bytes that are asked for lie in one. Any thread's number will do.
    private int _last;

    /// <summary>
    /// Sorts runs, joins those that go on in memory and file, and drops what is there twice: of two runs that overlap, the one that
    /// begins lower counts, then the longer one.
    /// </summary>
    public RunTable(List<FileRun> runs)
    {
        runs.Sort(static (left, right) => left.Start != right.Start ? left.Start.CompareTo(right.Start)
            : left.Length != right.Length ? right.Length.CompareTo(left.Length)
            : left.Offset.CompareTo(right.Offset));
        var kept = 0;
        for (var i = 0; i < runs.Count; i++)
        {
            var next = runs[i];
            if (kept > 0)
            {
                var last = runs[kept - 1];
                if (next.End <= last.End)
                    continue;
                if (next.Start < last.End)
                    next = next.From(last.End);
                if (last.Joins(next))
                {
                    runs[kept - 1] = last with { Length = last.Length + next.Length };
                    continue;
                }
            }
            // In place: never ahead of the loop, since each run read leaves at most one.
            runs[kept++] = next;
        }
        _runs = [.. runs[..kept]];
        MemoryMap = Ranges(_runs);
    }

    /// <summary>The memory there is, neighbours joined.</summary>
    public IReadOnlyList<PhysicalRange> MemoryMap { get; }

    /// <summary>The highest frame of which there is a byte; 0 if there is none.</summary>
    public Gfn MaxGfn => _runs.Length == 0 ? default : new Pa(_runs[^1].End - 1).Gfn;

    /// <summary>Finds where a byte is in the file, and how many follow it there without a break.</summary>
    public bool TryFind(ulong address, out long offset, out ulong available)
    {
        int low = 0, high = _runs.Length - 1, middle = _last;
        while (low <= high)
        {
            ref readonly var run = ref _runs[middle];
            if (address < run.Start)
            {
                high = middle - 1;
            }
            else if (address - run.Start >= run.Length)
            {
                low = middle + 1;
            }
            else
            {
                // Written only where it changes: many threads read one table.
                if (_last != middle)
                    _last = middle;
                offset = run.Offset + (long)(address - run.Start);
                available = run.Length - (address - run.Start);
                return true;
            }

            middle = (low + high) >>> 1;
        }
        offset = 0;
        available = 0;
        return false;
    }

    /// <summary>The start of the first run after an address that is in none; the largest number if there is none.</summary>
    public ulong NextStart(ulong address)
    {
        int low = 0, high = _runs.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_runs[middle].Start <= address)
                low = middle + 1;
            else
                high = middle;
        }
        return low < _runs.Length ? _runs[low].Start : ulong.MaxValue;
    }

    private static PhysicalRange[] Ranges(FileRun[] runs)
    {
        var ranges = new List<PhysicalRange>();
        foreach (var run in runs)
        {
            if (ranges.Count > 0 && ranges[^1].End.Value == run.Start)
                ranges[^1] = ranges[^1] with { Length = ranges[^1].Length + run.Length };
            else
                ranges.Add(new PhysicalRange(new Pa(run.Start), run.Length));
        }
        return [.. ranges];
    }
}
