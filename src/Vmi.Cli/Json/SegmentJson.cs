namespace Vmi.Cli.Json;

/// <summary>A segment register in `registers`.</summary>
internal sealed record SegmentJson(string Selector, string Base, string Limit, string Access);
