using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>
/// Whether a kernel found in memory alone manages this machine: its page tables map all physical memory, and its array of `struct page`
/// says that the image's frames are reserved, not a process's. What this file does not have is noted, not held against the kernel.
/// </summary>
internal sealed class MachineCheck(VmiCore memory, ImageMap map, Profile profile, Pa root)
{
    private const int MaxPageSize = 4096;

    /// <summary>`page_offset_base`, or what it is without `CONFIG_DYNAMIC_MEMORY_LAYOUT`.</summary>
    public static Va DirectMapBase(ImageMap map, Profile profile, PagingMode mode) => Variable(
        map, profile, "page_offset_base", mode.Levels == PagingLevels.Five ? 0xff11_0000_0000_0000 : 0xffff_8880_0000_0000);

    /// <summary>`vmemmap_base`, or what it is without `CONFIG_DYNAMIC_MEMORY_LAYOUT`.</summary>
    public static Va PageArrayBase(ImageMap map, Profile profile, PagingMode mode) => Variable(
        map, profile, "vmemmap_base", mode.Levels == PagingLevels.Five ? 0xffd4_0000_0000_0000 : 0xffff_ea00_0000_0000);

    /// <summary>What is wrong; null if nothing is.</summary>
    public string? Contradiction(List<string> evidence)
    {
        var directMap = DirectMapBase(map, profile, memory.PagingMode);
        foreach (var pa in Samples())
        {
            if (!memory.TryTranslate((directMap + pa.Value, root), out var translation, out var fault))
            {
                if (!IsMissing(fault))
                    return $"the page tables at {root} don't map physical memory at {directMap}, as a kernel's do";
                evidence.Add("its direct map is not in this memory");
                return null;
            }

            if (translation.Pa != pa || translation.User)
                return $"the page tables at {root} map other memory at {directMap} than a kernel's do";
        }

        evidence.Add($"direct map at {directMap}");
        return ReservationContradiction(evidence);
    }

    private string? ReservationContradiction(List<string> evidence)
    {
        if (!profile.TryGetField("page", "flags", out var flags) || flags.Size != sizeof(ulong) || flags.Offset > MaxPageSize
            || !profile.TryGetSize("page", out var size) || size is 0 or > MaxPageSize
            || !profile.TryGetEnumValue("PG_reserved", out var bit) || bit is < 0 or > 63)
            return null;
        var pages = PageArrayBase(map, profile, memory.PagingMode);
        foreach (var pa in Samples())
        {
            var page = pages + pa.Gfn.Value * size + flags.Offset;
            if (!memory.TryReadUInt64((page, root), out var value, out var fault))
            {
                if (!IsMissing(fault))
                    return $"the kernel at {map.Base} has no struct page for its own image";
                evidence.Add("its struct pages are not in this memory");
                return null;
            }

            if ((value >> (int)bit & 1) == 0)
                return $"the image at {map.Base} lies in memory that the kernel itself does not hold for its own";
        }

        evidence.Add("its struct pages say that the image is the kernel's");
        return null;
    }

    /// <summary>Frames that every kernel keeps for ever: of its code, its tables, its read-only data.</summary>
    private IEnumerable<Pa> Samples()
    {
        yield return map.PhysicalBase;
        yield return root;
        if (profile.TryGetSymbol("linux_banner", out var banner) && map.Translate(banner) is { } pa)
            yield return pa;
    }

    private static bool IsMissing(TranslationFault fault) =>
        fault.Cause is TranslationFaultCause.TableMissing or TranslationFaultCause.PageMissing;

    private static Va Variable(ImageMap map, Profile profile, string name, ulong otherwise) =>
        profile.TryGetSymbol(name, out var address) && map.TryReadUInt64(address, out var value) ? new Va(value) : new Va(otherwise);
}
