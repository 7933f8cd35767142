namespace Vmi;

/// <summary>Where a read ended and why: the result of every `Try…` that failed.</summary>
public readonly record struct TranslationFault
{
    /// <summary>The first byte that could not be reached: physical for a physical read, else virtual.</summary>
    public ulong Address { get; init; }

    /// <summary>The root below which it was looked up; null for a physical read and for <see cref="TranslationFaultCause.RootMissing"/>.</summary>
    public Pa? Root { get; init; }

    /// <summary>The level of the page table where the walk ended: 1 is the page table (PT), 4 the PML4, 5 the PML5; 0 outside a walk.</summary>
    public int Level { get; init; }

    /// <summary>The entry that ended the walk, 0 if none was read.</summary>
    public ulong Entry { get; init; }

    /// <summary>The physical address of that entry, or of the memory that is missing.</summary>
    public Pa EntryAddress { get; init; }

    /// <summary>Why.</summary>
    public TranslationFaultCause Cause { get; init; }

    /// <summary>One line that says what was looked up and where it ended.</summary>
    public override string ToString()
    {
        var what = Root is { } root ? $"virtual address 0x{Address:x16} (root {root})" : $"address 0x{Address:x16}";
        return Cause switch
        {
            TranslationFaultCause.None => "no fault",
            TranslationFaultCause.NotPresent => $"{what} is not present: level {Level} entry 0x{Entry:x} at {EntryAddress}",
            TranslationFaultCause.NonCanonical => $"{what} is not canonical",
            TranslationFaultCause.ReservedBit => $"{what}: reserved bit set in the level {Level} entry 0x{Entry:x} at {EntryAddress}",
            TranslationFaultCause.TableMissing => $"{what}: its level {Level} page table at {EntryAddress} is not in this memory",
            TranslationFaultCause.PageMissing => $"{what}: physical address {EntryAddress} is not in this memory",
            TranslationFaultCause.ReadingEnded => $"{what} was not read: the reading was ended",
            _ => $"{what} needs a page-table root: read it through a state, or as (address, root)",
        };
    }
}
