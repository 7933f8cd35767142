namespace Vmi.Cli.Json;

/// <summary>An entry of `carve`.</summary>
internal sealed record CarveJson(
    string? Path,
    string Kind,
    ulong Size,
    ulong CachedBytes,
    string Device,
    ulong Inode,
    uint Uid,
    string Object,
    IReadOnlyList<FileRangeJson> Missing,
    string? Output);
