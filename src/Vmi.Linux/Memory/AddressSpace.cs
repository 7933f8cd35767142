namespace Vmi.Linux;

/// <summary>The address space of a process. Corresponds to `struct mm_struct`, read once.</summary>
internal sealed class AddressSpace
{
    private const ulong UprobeIa32 = 1; // MM_CONTEXT_UPROBE_IA32

    private readonly KernelReader _kernel;
    private readonly Va _pgd;
    private readonly Va _areas;
    private Pa? _root;

    private AddressSpace(KernelReader kernel, Va address, StructReader mm)
    {
        var layout = kernel.Layouts.Mm;
        _kernel = kernel;
        Address = address;
        _pgd = mm.ReadVa(layout.Pgd);
        _areas = mm.ReadVa(layout.MapleRoot ?? layout.FirstArea!.Value);
        StartCode = mm.ReadVa(layout.StartCode);
        StartBrk = mm.ReadVa(layout.StartBrk);
        Brk = mm.ReadVa(layout.Brk);
        StartStack = mm.ReadVa(layout.StartStack);
        ArgStart = mm.ReadVa(layout.ArgStart);
        ArgEnd = mm.ReadVa(layout.ArgEnd);
        EnvStart = mm.ReadVa(layout.EnvStart);
        EnvEnd = mm.ReadVa(layout.EnvEnd);
        ExeFile = mm.ReadVa(layout.ExeFile);
        Vdso = layout.Vdso is { } vdso ? mm.ReadVa(vdso) : default;
        Is32Bit = layout.ContextFlags is { } flags
            ? (mm.Read(flags) & UprobeIa32) != 0
            : layout.Ia32Compat is { } compat && mm.Read(compat) != 0;
    }

    public Va Address { get; }

    public Va StartCode { get; }

    public Va StartBrk { get; }

    public Va Brk { get; }

    public Va StartStack { get; }

    public Va ArgStart { get; }

    public Va ArgEnd { get; }

    public Va EnvStart { get; }

    public Va EnvEnd { get; }

    public Va ExeFile { get; }

    public Va Vdso { get; }

    public bool Is32Bit { get; }

    /// <summary>The root of the page tables as the kernel uses them.</summary>
    /// <exception cref="TranslationFaultException">The kernel does not map them.</exception>
    public Pa Root => _root ??= _kernel.Memory.TranslateAddress(_kernel.At(_pgd));

    public static AddressSpace Read(KernelReader kernel, Va address) =>
        new(kernel, address, kernel.ReadStruct(address, kernel.Layouts.Mm));

    public static AddressSpace? TryRead(KernelReader kernel, Va address) =>
        kernel.TryReadStruct(address, kernel.Layouts.Mm, out var mm) ? new AddressSpace(kernel, address, mm) : null;

    public bool TryGetRoot(out Pa root)
    {
        if (_root is null && _kernel.Memory.TryTranslate(_kernel.At(_pgd), out var translation, out _))
            _root = translation.Pa;
        root = _root.GetValueOrDefault();
        return _root.HasValue;
    }

    public VmiList<LinuxRegion> Regions()
    {
        var areas = Areas();
        var missing = new Shortfall();
        missing.Add(areas.Incomplete);
        var reader = new RegionReader(_kernel, this);
        var found = new List<AreaRecord>(areas.Count);
        foreach (var address in areas)
        {
            if (AreaRecord.TryRead(_kernel, address) is { } area)
                found.Add(area);
            else
                missing.Add($"the vm_area_struct at {address} is not there");
        }

        var programs = ProgramsAmong(found);
        var regions = new List<LinuxRegion>(found.Count);
        foreach (var area in found)
        {
            regions.Add(reader.Describe(area, programs.Contains(area.File), out var reason));
            missing.Add(reason);
        }

        return new VmiList<LinuxRegion>(regions, missing.ToString());
    }

    /// <summary>The region that holds an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="isCertain">On null: whether there is none for sure.</param>
    public LinuxRegion? Lookup(Va address, out bool isCertain)
    {
        var area = FindArea(address, out isCertain);
        return area is null ? null : Describe(area);
    }

    /// <summary>One region: what stands behind it depends on whether any other maps the same file executable.</summary>
    public LinuxRegion Describe(AreaRecord area)
    {
        var isProgram = !area.File.IsNull && (area.IsExecutable || ProgramsAmong(Records()).Contains(area.File));
        return new RegionReader(_kernel, this).Describe(area, isProgram, out _);
    }

    /// <summary>The start of the first area that maps the file executed.</summary>
    public Va? FindImageBase()
    {
        if (ExeFile.IsNull)
            return null;
        var areas = Records().ToList();
        // A file of a stacked file system is mapped by way of another `struct file` than the one executed.
        return FirstOf(ExeFile)
            ?? (areas.Find(area => area.Contains(StartCode)) is { File.IsNull: false } code ? FirstOf(code.File) : null);

        Va? FirstOf(Va file) => areas.Find(area => area.File == file)?.Start;
    }

    private AreaRecord? FindArea(Va address, out bool isCertain)
    {
        if (_kernel.Layouts.Mm.MapleRoot is not null)
        {
            var found = new MapleTree(_kernel, _areas).Find(address.Value, out var reason);
            var area = found is { } at ? AreaRecord.TryRead(_kernel, at) : null;
            isCertain = reason is null && (found is null || area is not null);
            return area is not null && area.Contains(address) ? area : null;
        }

        var areas = Areas();
        isCertain = areas.Incomplete is null;
        foreach (var at in areas)
        {
            var area = AreaRecord.TryRead(_kernel, at);
            isCertain &= area is not null;
            if (area is not null && area.Contains(address))
                return area;
        }

        return null;
    }

    private VmiList<Va> Areas() => _kernel.Layouts.Mm.MapleRoot is not null
        ? new MapleTree(_kernel, _areas).Entries()
        : AreaList.Read(_kernel, _areas);

    private IEnumerable<AreaRecord> Records() => Areas().Select(address => AreaRecord.TryRead(_kernel, address)).OfType<AreaRecord>();

    /// <summary>The files of which a part is mapped executable. Each mapping of one opening of a file has the same `struct file`.</summary>
    private static HashSet<Va> ProgramsAmong(IEnumerable<AreaRecord> areas) =>
        areas.Where(area => area.IsExecutable && !area.File.IsNull).Select(area => area.File).ToHashSet();
}
