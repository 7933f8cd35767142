namespace Vmi.Linux;

/// <summary>Finds what stands behind an area, and its name as /proc/PID/maps shows it (fs/proc/task_mmu.c).</summary>
internal sealed class RegionReader(KernelReader kernel, AddressSpace space)
{
    private const int LongestName = 256;

    private readonly PathReader _paths = new(kernel);
    private readonly Dictionary<Va, FileRecord?> _files = [];

    /// <param name="area">The area.</param>
    /// <param name="isProgram">Whether its file is mapped executable anywhere.</param>
    /// <param name="reason">What of it is not there; null if nothing.</param>
    public LinuxRegion Describe(AreaRecord area, bool isProgram, out string? reason)
    {
        reason = null;
        var anonName = AnonNameOf(area);
        if (area.File.IsNull)
            return new LinuxRegion(kernel, area, null, NameOf(area, anonName), isProgram);

        if (!_files.TryGetValue(area.File, out var file))
            _files[area.File] = file = _paths.Read(area.File);
        if (file?.Path is null)
            reason = $"the name of the file at {area.File} is not there, or too long";
        var path = anonName is null ? file?.Path : $"[anon_shmem:{anonName}]";
        return new LinuxRegion(kernel, area, file, path, isProgram);
    }

    private string? NameOf(AreaRecord area, string? anonName)
    {
        if (SpecialNameOf(area) is { } special)
            return special;
        if (!space.Vdso.IsNull && area.Start == space.Vdso)
            return "[vdso]";
        if (area.Start < space.Brk && area.End > space.StartBrk)
            return "[heap]";
        if (area.Start <= space.StartStack && area.End >= space.StartStack)
            return "[stack]";
        return anonName is null ? null : $"[anon:{anonName}]";
    }

    /// <summary>The name of a mapping that the kernel itself made: `vm_special_mapping.name`.</summary>
    private string? SpecialNameOf(AreaRecord area)
    {
        var layout = kernel.Layouts.Vma;
        return kernel.TryReadVa(area.Operations + layout.OperationsName, out var function)
            && kernel.IsFunction(function, "special_mapping_name")
            && kernel.TryReadVa(area.PrivateData + layout.SpecialMappingName, out var name)
            && kernel.ReadText(name, LongestName) is { } text ? GuestText.Decode(text) : null;
    }

    /// <summary>The name that the process gave the area itself (PR_SET_VMA_ANON_NAME).</summary>
    private string? AnonNameOf(AreaRecord area)
    {
        var layout = kernel.Layouts.Vma;
        if (area.AnonName.IsNull || layout.AnonNameText is not { } offset
            || !area.File.IsNull && layout.AnonNameIsOfAnonymousOnly)
            return null;
        return kernel.ReadText(area.AnonName + offset, LongestName) is { } text ? GuestText.Decode(text) : null;
    }
}
