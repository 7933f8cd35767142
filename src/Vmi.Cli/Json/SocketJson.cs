namespace Vmi.Cli.Json;

/// <summary>An entry of `sockets`.</summary>
internal sealed record SocketJson(
    uint? Pid,
    string? Name,
    int? Descriptor,
    string Family,
    string Type,
    int Protocol,
    string State,
    string? LocalAddress,
    int? LocalPort,
    string? RemoteAddress,
    int? RemotePort,
    string? Path,
    uint? NetlinkPort,
    int? InterfaceIndex,
    uint? NetworkNamespace,
    uint Uid,
    ulong Inode,
    string Object);
