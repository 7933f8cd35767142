using Vmi.Amd64;

namespace Vmi.Linux;

/// <summary>
/// Finds which CPU of the guest a vCPU is, and what runs on it. The kernel keeps the base of a CPU's own variables in GS while it runs,
/// and in KERNEL_GS_BASE while a program does; where neither helps, the GDT tells: each CPU has its own.
/// </summary>
internal sealed class CpuFinder(KernelReader kernel)
{
    // CPU_ENTRY_AREA_RO_IDT and the page of the IDT behind it (arch/x86/include/asm/cpu_entry_area.h).
    private const ulong EntryAreas = 0xffff_fe00_0000_1000;
    private const int MostCpus = 8192; // The largest CONFIG_NR_CPUS

    // The same from the kernel's start to its end.
    private List<Va>? _bases;
    private Va? _currentTask;

    /// <summary>What is added to the address of a per-CPU variable, for each CPU that there may be.</summary>
    public IReadOnlyList<Va> Bases => _bases ??= ReadBases();

    /// <summary>The `task_struct` that runs on a vCPU; null if the CPU can't be told, or its memory is not there.</summary>
    public Va? CurrentTask(Amd64Registers registers)
    {
        if (FindBase(registers) is not { } cpu)
            return null;
        var offset = _currentTask ??= FindCurrentTask();
        return kernel.TryReadVa(cpu + offset.Value, out var task) && task.IsUpperHalf ? task : null;
    }

    /// <summary>The per-CPU variable that holds the task.</summary>
    private Va FindCurrentTask()
    {
        var profile = kernel.Kernel.Profile;
        return profile.TryGetSymbol("pcpu_hot", out var hot) && profile.TryGetField("pcpu_hot", "current_task", out var field)
            ? hot + field.Offset
            : profile.Symbol("current_task");
    }

    /// <summary>What is added to the address of a per-CPU variable.</summary>
    public Va? FindBase(Amd64Registers registers)
    {
        // A program may set GS as it likes: what counts is which of the kernel's own bases is found there.
        var bases = Bases;
        if ((registers.Available & (Amd64RegisterGroups.Segments | Amd64RegisterGroups.SegmentBases)) != 0
            && bases.Contains(new Va(registers.GsBase)))
            return new Va(registers.GsBase);
        if (Has(registers, Amd64RegisterGroups.KernelGsBase) && bases.Contains(new Va(registers.KernelGsBase)))
            return new Va(registers.KernelGsBase);
        return Has(registers, Amd64RegisterGroups.DescriptorTables) ? FindByGdt(bases, registers.Gdtr.Base) : null;
    }

    /// <summary>`__per_cpu_offset` of all CPUs that there may be.</summary>
    private List<Va> ReadBases()
    {
        var count = kernel.Kernel.Profile.TryGetSymbol("nr_cpu_ids", out var symbol) && kernel.TryReadUInt32(symbol, out var ids)
            ? Math.Clamp((int)Math.Min(ids, MostCpus), 1, MostCpus)
            : MostCpus;
        var bases = new List<Va>();
        var table = kernel.Symbol("__per_cpu_offset");
        while (bases.Count < count && kernel.TryReadVa(table + (ulong)bases.Count * sizeof(ulong), out var each) && each.IsUpperHalf)
            bases.Add(each);
        return bases;
    }

    /// <summary>The GDT is the first page of the CPU's entry area, or early in the boot the CPU's own `gdt_page`.</summary>
    private Va? FindByGdt(IReadOnlyList<Va> bases, Va gdt)
    {
        var profile = kernel.Kernel.Profile;
        var hasAreas = profile.TryGetSize("cpu_entry_area", out var areaSize);
        // Newer kernels shuffle the areas.
        var isShuffled = profile.TryGetSymbol("_cea_offset", out var areaIndex);
        for (var i = 0; i < bases.Count; i++)
        {
            var index = (uint)i;
            if (hasAreas && (!isShuffled || kernel.TryReadUInt32(bases[i] + areaIndex.Value, out index))
                && gdt == new Va(EntryAreas) + index * areaSize)
                return bases[i];
            if (profile.TryGetSymbol("gdt_page", out var early) && gdt == bases[i] + early.Value)
                return bases[i];
        }

        return null;
    }

    private static bool Has(Amd64Registers registers, Amd64RegisterGroups group) => (registers.Available & group) != 0;
}
