using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>The facts about one running Linux kernel, as <see cref="LinuxDetector"/> found them. They hold until it reboots.</summary>
public sealed class LinuxKernel
{
    /// <summary>The kernel's types and symbols, at the addresses where they are in this boot.</summary>
    public required Profile Profile { get; init; }

    /// <summary>The first byte of the kernel's image in virtual memory: `_text`, with KASLR's shift.</summary>
    public required Va ImageBase { get; init; }

    /// <summary>The first byte behind the image: `_end`, with KASLR's shift.</summary>
    public required Va ImageEnd { get; init; }

    /// <summary>Where <see cref="ImageBase"/> lies in physical memory; the image is contiguous there.</summary>
    public required Pa ImagePhysicalBase { get; init; }

    /// <summary>The kernel's own page tables: `init_top_pgt`, also called `swapper_pg_dir`.</summary>
    public required Pa TranslationRoot { get; init; }

    /// <summary>How the kernel's page tables are read: with 4 or 5 levels.</summary>
    public required PagingMode PagingMode { get; init; }

    /// <summary>
    /// Whether user mode runs on page tables of its own (PTI): then the user root of a process is its root with bit 12 set.
    /// </summary>
    public required bool PageTableIsolation { get; init; }

    /// <summary>`linux_banner`: "Linux version ...", without the newline.</summary>
    public required string Banner { get; init; }

    /// <summary>Where the direct map of all physical memory begins: `page_offset_base`.</summary>
    public required Va DirectMapBase { get; init; }

    /// <summary>Where the array of all `struct page` begins: `vmemmap_base`.</summary>
    public required Va PageArrayBase { get; init; }

    /// <summary>How it was found: "vCPU 0 registers", "VMCOREINFO note", "VMCOREINFO in memory" or "scan".</summary>
    public required string FoundBy { get; init; }

    /// <summary>What was checked, in words, one fact each: for a person who must choose between several kernels.</summary>
    public IReadOnlyList<string> Evidence { get; init; } = [];

    /// <summary>`phys_base`: what is added to an address of the image less `__START_KERNEL_map` to get the physical one.</summary>
    public ulong PhysicalOffset => unchecked(ImagePhysicalBase.Value - (ImageBase.Value - KernelMap));

    /// <summary>`__START_KERNEL_map`: where the kernel's image is mapped, whatever KASLR says.</summary>
    internal const ulong KernelMap = 0xffff_ffff_8000_0000;

    /// <summary>Base, root and banner in one line.</summary>
    public override string ToString() => $"{Banner} at {ImageBase}, root {TranslationRoot}, found by {FoundBy}";
}
