namespace Vmi.Cli.Json;

/// <summary>An entry of `files`.</summary>
internal sealed record FileJson(
    uint Pid,
    string Name,
    string Use,
    int? Descriptor,
    string? Kind,
    string? Flags,
    ulong? Position,
    string? Device,
    ulong? Inode,
    string? Path,
    string? Object);
