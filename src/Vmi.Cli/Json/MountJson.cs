namespace Vmi.Cli.Json;

/// <summary>An entry of `mounts`.</summary>
internal sealed record MountJson(
    int Id,
    int? Parent,
    string Device,
    string? Root,
    string Path,
    string Options,
    int? PeerGroup,
    int? MasterGroup,
    bool Unbindable,
    string? FileSystem,
    string? Source,
    string SuperOptions,
    string Object);
