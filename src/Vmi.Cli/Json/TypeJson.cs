namespace Vmi.Cli.Json;

/// <summary>The document of `type`.</summary>
internal sealed record TypeJson(
    string Name, string Kind, ulong? Size, string? Target, IReadOnlyList<MemberJson> Members, IReadOnlyList<EnumeratorJson> Enumerators);
