namespace Vmi.Cli.Json;

/// <summary>The document of `translate`.</summary>
internal sealed record TranslateJson(
    string Address,
    string Root,
    string? PhysicalAddress,
    ulong? PageSize,
    bool? Writable,
    bool? User,
    bool? Executable,
    string? Fault,
    IReadOnlyList<EntryJson> Entries);
