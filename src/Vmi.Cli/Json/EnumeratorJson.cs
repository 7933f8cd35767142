namespace Vmi.Cli.Json;

/// <summary>An enumerator in `type`.</summary>
internal sealed record EnumeratorJson(string Name, long Value);
