namespace Vmi;

/// <content>Searching memory, and what of virtual memory is mapped.</content>
public abstract partial class VmiMemory
{
    /// <summary>Pages looked up at most, of which a guest can pretend to have 2^36: enough for 256 GiB in pages of 4 KiB.</summary>
    private const int MostPages = 1 << 26;

    /// <summary>How many times over the memory there is may be mapped, of which a guest can pretend to have 128 TiB.</summary>
    private const ulong MostMappings = 16;

    /// <summary>
    /// Finds a pattern in all physical memory. A match may cross a page boundary, not a hole; the search goes on behind a match.
    /// Cancelled, it gives what it found, as incomplete.
    /// </summary>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public IVmiList<Pa> SearchPhysical(
        BytePattern pattern, MemorySearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        var ranges = Machine.Ability<IVmiRead>("reading memory").MemoryMap;
        var (found, incomplete) = Search(
            pattern, options, cancellationToken, ranges.Select(range => (range.Start.Value, range.Start, range.Length)), TotalOf(ranges));
        return new VmiList<Pa>([.. found.Select(address => new Pa(address))], incomplete);
    }

    /// <summary>
    /// Finds a pattern in the virtual memory that is mapped below a root. A match may cross from page to page; the search goes on behind a
    /// match. Cancelled, it gives what it found, as incomplete.
    /// </summary>
    /// <param name="root">The root.</param>
    /// <param name="start">The first address.</param>
    /// <param name="end">The address behind the last.</param>
    /// <param name="pattern">What is looked for.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Ends it; heeded after each piece of at most 1 MiB.</param>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public IVmiList<Va> SearchVirtual(
        Pa root, Va start, Va end, BytePattern pattern, MemorySearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        var runs = MappedRuns(root, start, end);
        var (found, incomplete) = Search(
            pattern, options, cancellationToken, runs.Select(run => (run.Va.Value, run.Pa, run.Length)), TotalOf(runs));
        return new VmiList<Va>([.. found.Select(address => new Va(address))], runs.Incomplete ?? incomplete);
    }

    /// <summary>
    /// Finds printable texts in all physical memory. A text may cross a page boundary, not a hole. Those of one kind (narrow, wide) come
    /// ascending; only one is held at a time.
    /// </summary>
    /// <param name="found">Takes each.</param>
    /// <param name="options">Which; null for the defaults.</param>
    /// <param name="cancellationToken">Ends it; heeded after each piece of at most 1 MiB.</param>
    /// <returns>Why not all memory was passed; null if it was.</returns>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The least characters are less than 1.</exception>
    public string? FindPhysicalStrings(
        Action<MemoryString> found, MemoryStringOptions? options = null, CancellationToken cancellationToken = default)
    {
        var ranges = Machine.Ability<IVmiRead>("reading memory").MemoryMap;
        return FindStrings(
            found, options, cancellationToken, ranges.Select(range => (range.Start.Value, range.Start, range.Length)), TotalOf(ranges));
    }

    /// <summary>
    /// Finds printable texts in the virtual memory that is mapped below a root, as <see cref="FindPhysicalStrings"/> does. A text may
    /// cross from page to page.
    /// </summary>
    /// <param name="root">The root.</param>
    /// <param name="start">The first address.</param>
    /// <param name="end">The address behind the last.</param>
    /// <param name="found">Takes each.</param>
    /// <param name="options">Which; null for the defaults.</param>
    /// <param name="cancellationToken">Ends it; heeded after each piece of at most 1 MiB.</param>
    /// <returns>Why not all memory was passed; null if it was.</returns>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The least characters are less than 1.</exception>
    public string? FindVirtualStrings(
        Pa root, Va start, Va end, Action<MemoryString> found, MemoryStringOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        var runs = MappedRuns(root, start, end);
        var incomplete = FindStrings(
            found, options, cancellationToken, runs.Select(run => (run.Va.Value, run.Pa, run.Length)), TotalOf(runs));
        return runs.Incomplete ?? incomplete;
    }

    /// <summary>
    /// What is mapped below a root, ascending; neighbours that are neighbours in physical memory, too, are one run. Whether the physical
    /// memory is there is not looked at.
    /// </summary>
    /// <param name="root">The root.</param>
    /// <param name="start">The first address.</param>
    /// <param name="end">The address behind the last.</param>
    public IVmiList<MappedRun> MappedRuns(Pa root, Va start, Va end)
    {
        using var operation = BeginOperation();
        var most = TotalOf(Machine.Ability<IVmiRead>("reading memory").MemoryMap) * MostMappings;
        var mode = CurrentPagingMode;
        var runs = new List<MappedRun>();
        var (total, looks) = (0UL, 0);
        for (var at = start; at < end;)
        {
            if (++looks > MostPages || total > most || runs.Count > Limits.ListEntries)
                return new VmiList<MappedRun>(runs, $"more is mapped below {root} than is searched: it ends at {at}");
            var isMapped = Machine.TryTranslate(at, root, mode, out var translation, out var fault);
            if (fault.Cause == TranslationFaultCause.ReadingEnded)
                return new VmiList<MappedRun>(runs, $"the reading was ended at {at}");
            var step = isMapped ? 1UL << translation.PageShift : Driver.Architecture.UnmappedBytes(fault, mode);
            // From the first address of a page, or of a hole, to the next; 0 behind the last address of all.
            var next = new Va(unchecked((at.Value & ~(step - 1)) + step));
            if (next > end || next.IsNull)
                next = end;
            if (isMapped)
            {
                Append(runs, new MappedRun(at, translation.Pa, next - at));
                total += next - at;
            }

            at = next;
        }

        return new VmiList<MappedRun>(runs);
    }

    private static void Append(List<MappedRun> runs, MappedRun run)
    {
        if (runs.Count > 0 && runs[^1] is var last && last.Va + last.Length == run.Va && last.Pa + last.Length == run.Pa)
            runs[^1] = last with { Length = last.Length + run.Length };
        else
            runs.Add(run);
    }

    private static ulong TotalOf(IReadOnlyList<PhysicalRange> ranges) => ranges.Aggregate(0UL, (sum, range) => sum + range.Length);

    private static ulong TotalOf(IReadOnlyList<MappedRun> runs) => runs.Aggregate(0UL, (sum, run) => sum + run.Length);

    private string? FindStrings(
        Action<MemoryString> found, MemoryStringOptions? options, CancellationToken cancellationToken,
        IEnumerable<(ulong Address, Pa Pa, ulong Length)> runs, ulong total)
    {
        ArgumentNullException.ThrowIfNull(found);
        options ??= new MemoryStringOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LeastCharacters, 1, nameof(options));
        var finder = new StringFinder(options, Limits.StringBytes, found);
        var pass = new MemoryPass(Machine.Ability<IVmiRead>("reading memory"), options.Progress, cancellationToken);
        pass.Run(runs, total, finder.Take);
        finder.End();
        return pass.Incomplete;
    }

    private (IReadOnlyList<ulong> Found, string? Incomplete) Search(
        BytePattern pattern, MemorySearchOptions? options, CancellationToken cancellationToken,
        IEnumerable<(ulong Address, Pa Pa, ulong Length)> runs, ulong total)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var matcher = new PatternMatcher(pattern, options?.MostMatches ?? Limits.ListEntries);
        var pass = new MemoryPass(Machine.Ability<IVmiRead>("reading memory"), options?.Progress, cancellationToken);
        pass.Run(runs, total, matcher.Take);
        return (matcher.Found, pass.Incomplete
            ?? (matcher.HasEnough && options?.MostMatches is null ? $"there are more matches than {matcher.Found.Count}" : null));
    }
}
