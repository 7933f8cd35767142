namespace Vmi.Dumps;

/// <summary>A program header whose numbers are sane; whether the file is long enough is another check.</summary>
/// <param name="Index">Its number.</param>
/// <param name="Type">`p_type`: <see cref="Load"/> or <see cref="Note"/>.</param>
/// <param name="Offset">`p_offset`.</param>
/// <param name="Address">`p_paddr`.</param>
/// <param name="FileBytes">`p_filesz`, not 0. What `p_memsz` has beyond it is not in the file: missing, not zero.</param>
internal readonly record struct ElfSegment(uint Index, uint Type, ulong Offset, ulong Address, ulong FileBytes)
{
    /// <summary>PT_LOAD.</summary>
    public const uint Load = 1;

    /// <summary>PT_NOTE.</summary>
    public const uint Note = 4;
}
