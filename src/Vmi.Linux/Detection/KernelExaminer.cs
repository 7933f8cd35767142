using System.Text;
using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>Tells from a candidate's page tables and image whether it is a Linux kernel: its parts must agree.</summary>
/// <param name="memory">Reads the machine; its paging mode is set to the candidate's.</param>
/// <param name="options">What the user said.</param>
/// <param name="timeIsUp">Ends the search of images.</param>
internal sealed class KernelExaminer(VmiCore memory, LinuxDetectionOptions options, CancellationToken timeIsUp)
{
    private const int MaxNameLength = 64;
    private const ulong EntryAreaIndex = (0xffff_fe00_0000_0000 >> 39) & 511; // CPU_ENTRY_AREA in a PML4
    private static readonly string[] RootSymbols = ["init_top_pgt", "swapper_pg_dir"];

    /// <summary>Bytes that may still be searched for tables: a hostile guest may map all memory as many images.</summary>
    private ulong _searchable = 2 * KernelImage.MaxLength;

    /// <summary>Whether a candidate was not looked at, or not to the end, since there was too much to search.</summary>
    public bool IsCutShort { get; private set; }

    /// <summary>The kernels that the candidate's image holds the tables of: one, in an honest guest. The reason if there is none.</summary>
    public IReadOnlyList<LinuxKernel> Examine(KernelCandidate candidate, out string reason)
    {
        var found = new List<LinuxKernel>();
        memory.PagingMode = candidate.Mode;
        if (ImageMap.TryRead(memory, candidate.Root, candidate.Mode, out reason) is not { } map)
            return found;
        if (candidate.Anchor is var (va, pa) && map.Translate(va) != pa)
            reason = $"the page tables at {candidate.Root} don't map the kernel's entry {va} where the CPU has it";
        else if (options.KernelBase is { } wanted && map.Base != wanted)
            reason = $"the kernel image at {map.Base} is not at {wanted} as asked for";
        else
            Search(candidate, map, found, out reason);
        return found;
    }

    private void Search(KernelCandidate candidate, ImageMap map, List<LinuxKernel> found, out string reason)
    {
        reason = "";
        try
        {
            foreach (var profile in Profiles(map, out reason))
                Confirm(candidate, map, profile, found, ref reason);
        }
        catch (OperationCanceledException) when (timeIsUp.IsCancellationRequested)
        {
            IsCutShort = true;
            reason = $"the image at {map.Base} was not searched to the end within {options.TimeLimit.TotalSeconds:0.#} s (TimeLimit)";
        }
    }

    private IEnumerable<Profile> Profiles(ImageMap map, out string reason)
    {
        var image = map.Tables(timeIsUp);
        if (image.Length > _searchable)
        {
            IsCutShort = true;
            reason = $"the images found before the one at {map.Base} are too large to search them all";
            return [];
        }

        _searchable -= image.Length;
        var given = options.Profile;
        reason = map.Stray is { } stray && stray - map.Base < map.Length
            ? $"the memory mapped at {map.Base} is not contiguous at {stray}, as a kernel's image is"
            : $"there is no symbol table (kallsyms) in what is mapped at {map.Base}";
        var found = new List<Profile>();
        foreach (var symbols in given?.Symbols is { } known ? [known.Rebase(map.Base)] : KallsymsFinder.FindAll(image, memory.Limits))
        {
            reason = $"the kernel at {map.Base} has no BTF (CONFIG_DEBUG_INFO_BTF is not set, or it is not in memory): give a profile";
            if (!symbols.TryGetAddress("_text", out var text) || text != map.Base)
                reason = $"the symbol table in the image at {map.Base} is of a kernel at {symbols.TextBase}";
            else if (given?.Mismatch(image, symbols, memory.Limits) is { } mismatch)
                reason = $"the {given.Format} given is of another kernel than the one at {map.Base}: {mismatch}";
            else
                foreach (var types in given?.Types is { } all ? [all] : BtfFinder.FindAll(image, symbols, memory.Limits))
                    found.Add(new Profile(types, symbols, KernelIdentity.Read(image, symbols)));
        }

        return found;
    }

    /// <summary>Adds the kernel if all agrees; else says what does not.</summary>
    private void Confirm(KernelCandidate candidate, ImageMap map, Profile profile, List<LinuxKernel> found, ref string reason)
    {
        if (FindRoot(profile, map, candidate.Mode) is not var (root, mode))
        {
            reason = $"the kernel at {map.Base} has no page tables of its own (init_top_pgt) in its image";
            return;
        }

        // From here on only the kernel's own tables count. Those of a process map the same, but for the user half of PTI.
        if (root != candidate.Root || mode.Levels != candidate.Mode.Levels)
        {
            memory.PagingMode = mode;
            if (ImageMap.TryRead(memory, root, mode, out reason) is not { } own)
                return;
            if (!own.SameAs(map))
            {
                if (candidate.IsDerived || own.Base != map.Base || own.PhysicalBase != map.PhysicalBase)
                    reason = $"the kernel's own page tables at {root} don't map the image that those at {candidate.Root} do";
                else
                    found.AddRange(Examine(candidate with { Root = root, Mode = mode, IsDerived = true }, out reason));
                memory.PagingMode = candidate.Mode;
                return;
            }
        }

        var evidence = new List<string>();
        if (Contradiction(candidate, map, profile, root, evidence) is { } contradiction)
            reason = contradiction;
        else
            found.Add(Describe(candidate, map, profile, root, mode, evidence));
        memory.PagingMode = candidate.Mode;
    }

    private string? Contradiction(KernelCandidate candidate, ImageMap map, Profile profile, Pa root, List<string> evidence)
    {
        if (!profile.TryGetSymbol("_end", out var end) || end <= map.Base || end - map.Base > KernelImage.MaxLength)
            return $"the symbol table of the kernel at {map.Base} has no sound _end";
        if (map.Stray is { } stray && stray < end)
            return $"the image at {map.Base} is not contiguous at {stray}, as a kernel's is";
        evidence.Add($"contiguous image of {(end - map.Base) >> 10} KiB at {map.PhysicalBase}");

        if (!profile.Kernel.Banner.StartsWith("Linux version ", StringComparison.Ordinal))
            return $"the kernel at {map.Base} has no linux_banner";
        var release = profile.Kernel.Banner.Split(' ')[2];
        if (candidate.Release is { } wanted && wanted != release)
            return $"the kernel at {map.Base} is {release}, not {wanted} as VMCOREINFO says";
        if (ReadText(map, profile, "init_uts_ns", "uts_namespace", "name.release") is { } runs && runs != release)
            return $"the kernel at {map.Base} says it is {runs}, its banner says {release}";

        if (ReadText(map, profile, "init_task", "task_struct", "comm") is not ("swapper" or "swapper/0")
            || !profile.TryGetField("task_struct", "pid", out var pid) || pid.Size != sizeof(uint)
            || !map.TryReadUInt32(profile.Symbol("init_task") + pid.Offset, out var id) || id != 0)
            return $"init_task of the kernel at {map.Base} is not the idle task, pid 0";
        evidence.Add("init_task is pid 0");

        if (profile.TryGetSymbol("phys_base", out var physBase) && (!map.TryReadUInt64(physBase, out var offset)
            || map.PhysicalBase.Value - (map.Base.Value - LinuxKernel.KernelMap) != offset))
            return $"phys_base of the kernel at {map.Base} is not where its image lies";
        return candidate.IsTrusted ? null : new MachineCheck(memory, map, profile, root).Contradiction(evidence);
    }

    private static LinuxKernel Describe(
        KernelCandidate candidate, ImageMap map, Profile profile, Pa root, PagingMode mode, List<string> evidence) => new()
        {
            Profile = profile,
            ImageBase = map.Base,
            ImageEnd = profile.Symbol("_end"),
            ImagePhysicalBase = map.PhysicalBase,
            TranslationRoot = root,
            PagingMode = mode,
            PageTableIsolation = IsIsolated(map, profile, mode, root),
            Banner = profile.Kernel.Banner,
            DirectMapBase = MachineCheck.DirectMapBase(map, profile, mode),
            PageArrayBase = MachineCheck.PageArrayBase(map, profile, mode),
            FoundBy = candidate.FoundBy,
            Evidence = evidence,
        };

    /// <summary>The kernel's own page tables lie in its image. On AMD64 `swapper_pg_dir` is another name of `init_top_pgt`.</summary>
    private static (Pa Root, PagingMode Mode)? FindRoot(Profile profile, ImageMap map, PagingMode candidateMode)
    {
        foreach (var name in RootSymbols)
        {
            if (!profile.TryGetSymbol(name, out var symbol) || map.Translate(symbol) is not { FrameOffset: 0 } root)
                continue;
            if (!profile.TryGetSymbol("__pgtable_l5_enabled", out var flag) || !map.TryReadUInt32(flag, out var five))
                return (root, candidateMode);
            return (root, five != 0 ? PagingMode.FiveLevel : PagingMode.FourLevel);
        }

        return null;
    }

    /// <summary>
    /// With isolation the root of user mode lies in the frame behind the kernel's own, and has the entry of `CPU_ENTRY_AREA`; without,
    /// that frame is empty, or, in a kernel built without isolation, something else.
    /// </summary>
    private static bool IsIsolated(ImageMap map, Profile profile, PagingMode mode, Pa root)
    {
        var behind = map.Base + (root - map.PhysicalBase) + Frame.Size;
        var index = mode.Levels == PagingLevels.Five ? 511 : EntryAreaIndex;
        return (root.Value & Frame.Size) == 0
            && profile.Resolve(behind) is { Offset: Frame.Size, Name: var name } && RootSymbols.Contains(name)
            && map.TryReadUInt64(behind + index * sizeof(ulong), out var entry) && (entry & 1) != 0;
    }

    private static string? ReadText(ImageMap map, Profile profile, string symbol, string structure, string path)
    {
        Span<byte> text = stackalloc byte[MaxNameLength];
        if (!profile.TryGetSymbol(symbol, out var address) || !profile.TryGetField(structure, path, out var field)
            || field.Size is 0 or > MaxNameLength + 1)
            return null;
        text = text[..(int)Math.Min(field.Size, MaxNameLength)];
        if (!map.TryRead(address + field.Offset, text))
            return null;
        var length = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(length < 0 ? text : text[..length]);
    }
}
