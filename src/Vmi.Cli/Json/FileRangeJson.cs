namespace Vmi.Cli.Json;

/// <summary>A part of a file.</summary>
internal sealed record FileRangeJson(ulong Offset, ulong Length);
