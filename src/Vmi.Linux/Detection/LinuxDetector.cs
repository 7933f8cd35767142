namespace Vmi.Linux;

/// <summary>
/// Finds the Linux kernel of a machine with nothing given but its memory: by the registers of a vCPU, else by the VMCOREINFO note that the
/// source carries, else by a pass over physical memory. What is found counts only if its parts agree (see docs/detection.md).
/// </summary>
public static class LinuxDetector
{
    private const int MaxReasons = 4;

    /// <summary>
    /// Finds the one kernel, and sets <see cref="VmiCore.PagingMode"/> to its paging mode.
    /// </summary>
    /// <param name="core">The machine.</param>
    /// <param name="options">What is known beforehand; null for nothing.</param>
    /// <exception cref="LinuxDetectionException">There is no kernel, or there are several to choose from.</exception>
    /// <exception cref="VmiNotSupportedException">The driver can't read memory.</exception>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public static LinuxKernel Detect(VmiCore core, LinuxDetectionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(core);
        var found = Search(core, options ?? new LinuxDetectionOptions(), out var reasons, out var isCutShort);
        if (found.Count == 0)
            throw new LinuxDetectionException($"No Linux kernel found: {Summary(reasons)}.", found);
        if (found.Count > 1 || isCutShort)
            throw new LinuxDetectionException(Choice(found, isCutShort), found);
        core.PagingMode = found[0].PagingMode;
        return found[0];
    }

    /// <summary>Finds every kernel that passes all checks: one in an honest guest, none where there is no Linux.</summary>
    /// <param name="core">The machine.</param>
    /// <param name="options">What is known beforehand; null for nothing.</param>
    /// <exception cref="VmiNotSupportedException">The driver can't read memory.</exception>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public static IReadOnlyList<LinuxKernel> FindAll(VmiCore core, LinuxDetectionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(core);
        return Search(core, options ?? new LinuxDetectionOptions(), out _, out _);
    }

    private static List<LinuxKernel> Search(VmiCore core, LinuxDetectionOptions options, out List<string> reasons, out bool isCutShort)
    {
        if (!core.Supports<IVmiRead>())
            throw new VmiNotSupportedException("reading memory", core.Driver.Name);
        isCutShort = false;
        reasons = [];
        // Candidates are read in their own paging modes; the caller's core keeps its own.
        using var memory = new VmiCore(core.Driver, new VmiCoreOptions
        {
            Limits = core.Limits,
            TranslationCacheEntries = 512,
            PageCacheEntries = 512,
        });
        using var operation = memory.BeginOperation();
        using var timeIsUp = new CancellationTokenSource(options.TimeLimit);
        var examiner = new KernelExaminer(memory, options, timeIsUp.Token);
        var found = new List<LinuxKernel>();

        if (options.KernelRoot is { } given)
        {
            foreach (var mode in (PagingMode[])[PagingMode.FourLevel, PagingMode.FiveLevel])
                Examine(examiner, new KernelCandidate(given, mode, "the root given") { IsTrusted = true }, found, reasons);
            isCutShort = examiner.IsCutShort;
            return found;
        }

        var registers = new RegisterSearch(memory);
        foreach (var candidate in registers.Candidates(reasons))
        {
            Examine(examiner, candidate, found, reasons);
            isCutShort = examiner.IsCutShort;
            if (found.Count > 0)
                return found;
        }

        // Where a CPU says what runs, nothing that lies in memory does, unless the user knows better.
        if (registers.Decides && options.KernelBase is null)
            return found;

        if (Note(core) is not { } text)
            reasons.Add("VMCOREINFO note: this source has none");
        else if (VmCoreInfo.TryParse(text) is not { Root: { } root } info)
            reasons.Add("VMCOREINFO note: it does not say where the kernel is");
        else
            Examine(examiner,
                new KernelCandidate(root, info.PagingMode, "VMCOREINFO note") { IsTrusted = true, Release = info.Release }, found, reasons);
        isCutShort = examiner.IsCutShort;
        if (found.Count > 0)
            return found;

        var scan = new MemoryScan(memory);
        timeIsUp.CancelAfter(Timeout.InfiniteTimeSpan);
        var candidates = scan.Run();
        timeIsUp.CancelAfter(options.TimeLimit);
        if (candidates.Count == 0)
            reasons.Add("memory: neither VMCOREINFO nor a kernel's page tables are in it");
        foreach (var candidate in candidates)
            Examine(examiner, candidate, found, reasons);
        reasons.AddRange(scan.Rejected);
        isCutShort = scan.IsCutShort || examiner.IsCutShort;
        if (isCutShort)
            reasons.Insert(0, "memory: it holds more candidates than are looked at: choose the root (KernelRoot)");
        return found;
    }

    /// <summary>Adds what a candidate leads to, unless another has led there.</summary>
    private static void Examine(KernelExaminer examiner, KernelCandidate candidate, List<LinuxKernel> found, List<string> reasons)
    {
        var known = found.ToArray();
        var kernels = examiner.Examine(candidate, out var reason);
        foreach (var kernel in kernels)
        {
            // Two profiles out of one image are two kernels: one of them is forged.
            if (!known.Any(other => other.TranslationRoot == kernel.TranslationRoot && other.ImageBase == kernel.ImageBase))
                found.Add(kernel);
        }

        if (kernels.Count == 0)
            reasons.Add($"{candidate.FoundBy}: {reason}");
    }

    private static string? Note(VmiCore core) => (core.Driver as IVmCoreInfo)?.VmCoreInfo;

    private static string Summary(List<string> reasons)
    {
        var distinct = reasons.Distinct().ToList();
        return distinct.Count <= MaxReasons
            ? string.Join("; ", distinct)
            : $"{string.Join("; ", distinct.Take(MaxReasons))}; and {distinct.Count - MaxReasons} reasons more";
    }

    private static string Choice(List<LinuxKernel> found, bool isCutShort)
    {
        var kernels = string.Join("; ", found.Select(kernel => $"{kernel} ({string.Join(", ", kernel.Evidence)})"));
        var what = isCutShort
            ? "This memory holds more candidates for a Linux kernel than are looked at; of the first were found"
            : "Several Linux kernels are in this memory";
        return $"{what}: {kernels}. Choose one by its root (KernelRoot).";
    }
}
