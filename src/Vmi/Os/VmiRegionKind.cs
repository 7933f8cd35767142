namespace Vmi;

/// <summary>What stands behind a region of a process's memory.</summary>
public enum VmiRegionKind : byte
{
    /// <summary>Memory of the process's own: heap, stack, anonymous.</summary>
    Private,

    /// <summary>A file or shared memory, mapped as data.</summary>
    MappedData,

    /// <summary>A file mapped as a program or library: a part of the file is mapped executable.</summary>
    MappedImage,
}
