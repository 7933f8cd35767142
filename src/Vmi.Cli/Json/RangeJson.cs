namespace Vmi.Cli.Json;

/// <summary>A run of physical memory in `info`; the end is the first byte after it.</summary>
internal sealed record RangeJson(string Start, string End);
