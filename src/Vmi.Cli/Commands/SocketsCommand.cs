using System.CommandLine;
using System.Globalization;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>`sockets`: the sockets of processes.</summary>
internal sealed class SocketsCommand : TargetCommand
{
    private readonly Argument<uint?> _pid = ProcessArgument.OneOrAll();

    public SocketsCommand()
        : base(
            "sockets",
            "Lists the sockets of all processes, and connections that none holds, or those of one: IPv4, IPv6, unix, netlink, packet.",
            "vmi sockets memory.elf",
            "vmi sockets memory.elf 1 --json") =>
        Add(_pid);

    protected override void Run(CommandContext context)
    {
        var linux = context.Linux;
        var sockets = context.Still(() => ProcessArgument.Processes(context, _pid).SelectMany(process =>
            context.Complete(process.Sockets(), $"process {process.Id}").Select(socket => Describe(process, socket)))
            .Concat(context.Value(_pid) is null ? context.Complete(linux.UnownedSockets()).Select(socket => Describe(null, socket)) : [])
            .ToList());
        if (context.IsJson)
        {
            context.Output.Json(sockets, CliJson.Default.IReadOnlyListSocketJson);
            return;
        }

        var table = new TextTable(
            "PROTOCOL", "STATE", "LOCAL", "REMOTE", Column.Number("UID"), Column.Number("INODE"), Column.Number("PID"),
            Column.Number("FD"), "NAME");
        foreach (var socket in sockets)
        {
            table.Add(
                Protocol(socket), socket.State, Local(socket), Address(socket.RemoteAddress, socket.RemotePort),
                NumberText.Decimal(socket.Uid), NumberText.Decimal(socket.Inode), NumberText.Decimal(socket.Pid),
                NumberText.Decimal(socket.Descriptor), socket.Name);
        }

        context.Output.Table(table);
    }

    private static SocketJson Describe(LinuxProcess? process, LinuxSocket socket) => new(
        process?.Id.Value,
        process?.Name,
        socket.Descriptor,
        NameOf(socket.Family),
        socket.Type switch
        {
            LinuxSocketType.Datagram => "dgram",
            LinuxSocketType.SequencedPacket => "seqpacket",
            LinuxSocketType.ReliableDatagram => "rdm",
            var type => NameOf(type),
        },
        socket.Protocol,
        NameOf(socket.State),
        socket.Local?.Address.ToString(),
        socket.Local?.Port,
        socket.Remote?.Address.ToString(),
        socket.Remote?.Port,
        socket.Path,
        socket.NetlinkPort,
        socket.InterfaceIndex,
        socket.NetworkNamespace,
        socket.Uid,
        socket.Inode,
        NumberText.Hex(socket.Object));

    /// <summary>As ss(8) and netstat(8) call it: `tcp`, `udp6`, `unix stream`.</summary>
    private static string Protocol(SocketJson socket) => (socket.Family, socket.Type, socket.Protocol) switch
    {
        ("inet", "stream", 6) => "tcp",
        ("inet6", "stream", 6) => "tcp6",
        ("inet", "dgram", 17) => "udp",
        ("inet6", "dgram", 17) => "udp6",
        ("inet", "raw", _) => "raw",
        ("inet6", "raw", _) => "raw6",
        ("unix", _, _) => $"unix {socket.Type}",
        ("netlink", _, _) => $"netlink {NetlinkName(socket.Protocol)}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{socket.Family} {socket.Type} {socket.Protocol}"),
    };

    /// <summary>As ss(8) calls the kernel's side (linux/netlink.h); the number of one without a name.</summary>
    private static string NetlinkName(int protocol) => protocol switch
    {
        0 => "route",
        4 => "sock_diag",
        5 => "nflog",
        6 => "xfrm",
        7 => "selinux",
        8 => "iscsi",
        9 => "audit",
        10 => "fib_lookup",
        11 => "connector",
        12 => "netfilter",
        15 => "uevent",
        16 => "generic",
        20 => "rdma",
        21 => "crypto",
        _ => NumberText.Decimal(protocol),
    };

    private static string? Local(SocketJson socket) =>
        socket.Path ?? Address(socket.LocalAddress, socket.LocalPort) ?? NumberText.Decimal(socket.NetlinkPort)
        ?? NumberText.Decimal(socket.InterfaceIndex);

    private static string? Address(string? address, int? port) => address is null ? null
        : address.Contains(':', StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"[{address}]:{port}")
        : string.Create(CultureInfo.InvariantCulture, $"{address}:{port}");

    private static string NameOf<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
