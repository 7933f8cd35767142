using System.Net;

namespace Vmi.Linux;

/// <summary>
/// A socket: one that a process holds, or a connection that none holds. Corresponds to `struct sock`, at the moment it was read.
/// </summary>
public sealed class LinuxSocket
{
    private readonly LinuxOpenFile? _file;

    internal LinuxSocket(LinuxOpenFile? file) => _file = file;

    /// <summary>The number by which the process knows it; null if none holds it.</summary>
    public int? Descriptor => _file?.Descriptor;

    /// <summary>Which addresses it has. Corresponds to `sock.sk_family`.</summary>
    public required LinuxSocketFamily Family { get; init; }

    /// <summary>How it carries data. Corresponds to `sock.sk_type`.</summary>
    public required LinuxSocketType Type { get; init; }

    /// <summary>
    /// The protocol in the family: IPPROTO_TCP (6) and so on; of netlink NETLINK_ROUTE (0) and so on; of packets the Ethernet type.
    /// </summary>
    public required int Protocol { get; init; }

    /// <summary>The state. Corresponds to `sock.sk_state`.</summary>
    public required LinuxSocketState State { get; init; }

    /// <summary>Where it is bound: IPv4 and IPv6 only. Of a raw socket the port is the protocol, as /proc/net/raw shows it.</summary>
    public IPEndPoint? Local { get; init; }

    /// <summary>Whom it is connected to: IPv4 and IPv6 only, all zero where it is not.</summary>
    public IPEndPoint? Remote { get; init; }

    /// <summary>
    /// The name of a unix socket as /proc/net/unix shows it: a path, or `@` and a name in no directory, in which further zero bytes are `@`
    /// too. Null without one. Bytes that are not UTF-8 are escaped `\xNN`.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>The port of a netlink socket, mostly the pid of its process; null in other families.</summary>
    public uint? NetlinkPort { get; init; }

    /// <summary>The network interface that a packet socket is bound to, 0 for all; null in other families.</summary>
    public int? InterfaceIndex { get; init; }

    /// <summary>The network namespace that it lives in, as /proc/PID/ns/net has it; null in a kernel that has but one.</summary>
    public uint? NetworkNamespace { get; init; }

    /// <summary>The user that made it, in the numbers of the initial user namespace; 0 if no process holds it.</summary>
    public uint Uid => _file?.OwnerUid ?? 0;

    /// <summary>The number of its inode, by which /proc/PID/fd and /proc/net name it; 0 if no process holds it.</summary>
    public ulong Inode => _file?.Inode ?? 0;

    /// <summary>The address of its `struct sock`.</summary>
    public required Va Object { get; init; }
}
