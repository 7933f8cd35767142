namespace Vmi.Linux;

/// <summary>A part of a kernel's image with the same rights.</summary>
/// <param name="Offset">Bytes from the image's start.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Writable">Whether the kernel may write there.</param>
/// <param name="Executable">Whether code may run there.</param>
internal readonly record struct ImageRun(ulong Offset, ulong Length, bool Writable, bool Executable)
{
    public ulong End => Offset + Length;

    /// <summary>`.rodata`: what the kernel made read-only at the end of its boot. What a process could ever have written is not.</summary>
    public bool IsReadOnlyData => !Writable && !Executable;
}
