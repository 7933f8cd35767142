namespace Vmi;

/// <summary>One step of a page walk.</summary>
/// <param name="Level">1 for the page table (PT), 2 PD, 3 PDPT, 4 PML4, 5 PML5.</param>
/// <param name="Address">The physical address of the entry.</param>
/// <param name="Value">The entry.</param>
public readonly record struct PageWalkEntry(int Level, Pa Address, ulong Value);
