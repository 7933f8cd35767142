using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct sock`: what the network holds, with the fields that its families add.</summary>
internal sealed class SockLayout : StructLayout
{
    private const int Ipv6Length = 16;

    public SockLayout(Profile profile)
        : base(profile, "sock")
    {
        Family = Number("__sk_common.skc_family");
        State = Number("__sk_common.skc_state");
        RemoteAddress = Number("__sk_common.skc_daddr");
        LocalAddress = Number("__sk_common.skc_rcv_saddr");
        RemotePort = Number("__sk_common.skc_dport");
        LocalPort = Number("__sk_common.skc_num");
        if (profile.HasField(Name, "__sk_common.skc_v6_daddr"))
        {
            RemoteAddress6 = Text("__sk_common.skc_v6_daddr", Ipv6Length);
            LocalAddress6 = Text("__sk_common.skc_v6_rcv_saddr", Ipv6Length);
        }

        Network = OptionalNumber("__sk_common.skc_net.net");
        NetworkNumber = profile.TryGetField("net", "ns.inum", out var number) ? number.Offset : null;
        Type = Bits("sk_type");
        Protocol = Bits("sk_protocol");
        UnixAddress = Of(profile, "unix_sock", "addr");
        UnixLength = Of(profile, "unix_address", "len");
        UnixName = Of(profile, "unix_address", "name");
        NetlinkPort = Of(profile, "netlink_sock", "portid");
        PacketProtocol = Of(profile, "packet_sock", "num");
        PacketInterface = Of(profile, "packet_sock", "ifindex");
    }

    public Field Family { get; }

    public Field State { get; }

    public Field RemoteAddress { get; }

    public Field LocalAddress { get; }

    public Field RemotePort { get; }

    public Field LocalPort { get; }

    /// <summary>Null in a kernel without IPv6.</summary>
    public Field? RemoteAddress6 { get; }

    public Field? LocalAddress6 { get; }

    /// <summary>`struct net`, null in a kernel that has but one network.</summary>
    public Field? Network { get; }

    public ulong? NetworkNumber { get; }

    public BitField Type { get; }

    public BitField Protocol { get; }

    /// <summary>`unix_sock.addr`; this and what follows is null where the kernel's own types lack that family.</summary>
    public ulong? UnixAddress { get; }

    public ulong? UnixLength { get; }

    public ulong? UnixName { get; }

    public ulong? NetlinkPort { get; }

    public ulong? PacketProtocol { get; }

    public ulong? PacketInterface { get; }

    private static ulong? Of(Profile profile, string type, string field) =>
        profile.TryGetField(type, field, out var found) ? found.Offset : null;
}
