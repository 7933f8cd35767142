namespace Vmi.Linux;

/// <summary>A section of a kernel's ELF file that is there in memory, too.</summary>
/// <param name="Name">Such as `.text`.</param>
/// <param name="Address">Where it was linked to.</param>
/// <param name="Offset">Where it is in the file.</param>
/// <param name="Length">Bytes in the file.</param>
internal readonly record struct KernelSection(string Name, ulong Address, int Offset, int Length)
{
    public bool Contains(ulong address, int length) => address >= Address && address - Address <= (ulong)Length
        && (ulong)length <= (ulong)Length - (address - Address);
}
