namespace Vmi.Cli.Json;

/// <summary>An entry of `maps`; the end is the first byte after it.</summary>
internal sealed record RegionJson(
    string Start,
    string End,
    string Protection,
    ulong Offset,
    string Device,
    ulong Inode,
    string? Path,
    string Kind,
    string Flags,
    string Object);
