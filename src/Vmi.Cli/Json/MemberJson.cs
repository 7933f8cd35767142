namespace Vmi.Cli.Json;

/// <summary>A member in `type`.</summary>
internal sealed record MemberJson(
    string? Name, string Type, ulong Offset, ulong Size, int? BitOffset, int? BitCount, IReadOnlyList<MemberJson> Members);
