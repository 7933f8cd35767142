namespace Vmi;

/// <summary>
/// The bounds that keep a hostile guest or file from costing time or memory without end. A walk that meets one says that its result
/// is partial.
/// </summary>
public sealed record VmiLimits
{
    /// <summary>The bounds used where none are given.</summary>
    public static VmiLimits Default { get; } = new();

    /// <summary>Bytes of a string read without an own limit.</summary>
    public int StringBytes { get; init; } = 64 * 1024;

    /// <summary>Entries of any list or tree: tasks, modules, regions, files.</summary>
    public int ListEntries { get; init; } = 1 << 20;

    /// <summary>Bytes of one structure or table read at once (BTF, kallsyms, the kernel log), and of all the names in one list.</summary>
    public int TableBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>Program headers, segments or ranges of a memory file.</summary>
    public int Segments { get; init; } = 1 << 20;
}
