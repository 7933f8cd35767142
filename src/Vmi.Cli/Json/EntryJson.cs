namespace Vmi.Cli.Json;

/// <summary>A page-table entry in `translate`.</summary>
internal sealed record EntryJson(int Level, string Table, string Address, string Value, IReadOnlyList<string> Flags);
