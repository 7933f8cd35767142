namespace Vmi.Cli.Json;

/// <summary>Something that `check` found.</summary>
internal sealed record FindingJson(string Address, string Description);
