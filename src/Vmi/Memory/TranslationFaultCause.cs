namespace Vmi;

/// <summary>Why an address could not be read.</summary>
public enum TranslationFaultCause : byte
{
    /// <summary>No fault.</summary>
    None,

    /// <summary>A page-table entry says that nothing is mapped: never touched, swapped out, or not the guest's.</summary>
    NotPresent,

    /// <summary>The address is not canonical for the paging mode (or above 4 GiB where addresses have 32 bits).</summary>
    NonCanonical,

    /// <summary>A page-table entry has a reserved bit set: the CPU would raise a page fault.</summary>
    ReservedBit,

    /// <summary>A page table lies in physical memory that the source does not have.</summary>
    TableMissing,

    /// <summary>The address translates, but the source does not have that physical memory.</summary>
    PageMissing,

    /// <summary>A bare virtual address was given to something that knows no root for it.</summary>
    RootMissing,

    /// <summary>It was not looked up: <see cref="VmiCoreOptions.ReadingEnds"/> was cancelled.</summary>
    ReadingEnded,
}
