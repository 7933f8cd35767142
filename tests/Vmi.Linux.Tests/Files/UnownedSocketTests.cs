using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Files;

/// <summary>The table of TCP connections.</summary>
public sealed class UnownedSocketTests
{
    private const ulong Established = 1, TimeWait = 6;

    private readonly FakeGuest _guest = new(limits: VmiLimits.Default with { ListEntries = 100 });
    private readonly ulong _buckets;

    public UnownedSocketTests()
    {
        _buckets = _guest.Allocate(16 * 8);
        for (ulong i = 0; i < 16; i++)
            _guest.Write(_buckets + i * 8, i << 1 | 1);
        _guest.Set(FakeGuest.TcpHash, "inet_hashinfo", "ehash", _buckets);
        _guest.Set(FakeGuest.TcpHash, "inet_hashinfo", "ehash_mask", 15);
    }

    private ulong Add(ulong bucket, ulong state, ulong port, ulong socket)
    {
        var sock = _guest.Allocate("sock");
        _guest.Set(sock, "sock", "__sk_common.skc_family", 2);
        _guest.Set(sock, "sock", "__sk_common.skc_state", state);
        _guest.Set(sock, "sock", "__sk_common.skc_num", port);
        _guest.Set(sock, "sock", "sk_protocol", 6);
        _guest.Set(sock, "sock", "sk_type", 1);
        _guest.Set(sock, "sock", "sk_socket", socket);
        _guest.Set(sock, "sock", "__sk_common.skc_net.net", _guest.Allocate("net"));
        var node = sock + _guest.Offset("sock", "__sk_common.skc_nulls_node");
        _guest.Write(node, _guest.Read(_buckets + bucket * 8));
        _guest.Write(_buckets + bucket * 8, node);
        return node;
    }

    [Fact]
    public void Those_that_no_process_holds_are_listed()
    {
        Add(3, Established, 1, 0);
        Add(3, Established, 2, FakeGuest.InitTask);
        Add(9, TimeWait, 3, FakeGuest.InitTask);
        var sockets = _guest.Os.UnownedSockets();
        Assert.Null(sockets.Incomplete);
        Assert.Equal(
            ["Established 1 Stream 6", "TimeWait 3 Stream 6"],
            sockets.Select(each => $"{each.State} {each.Local!.Port} {each.Type} {each.Protocol}"));
        Assert.All(sockets, each => Assert.Null(each.Descriptor));
    }

    [Fact]
    public void A_circle_a_broken_link_and_an_absurd_size_end()
    {
        var node = Add(3, Established, 1, 0);
        _guest.Write(node, node);
        _guest.Write(_buckets + 5 * 8, 0x1234_5678);
        _guest.Set(FakeGuest.TcpHash, "inet_hashinfo", "ehash_mask", uint.MaxValue);
        var sockets = _guest.Os.UnownedSockets();
        // What lies behind the table is taken for more of it; no connection stands twice.
        Assert.Single(sockets, each => each.Local?.Port == 1);
        Assert.Contains("cut at 100 entries", sockets.Incomplete);
        _guest.Set(FakeGuest.TcpHash, "inet_hashinfo", "ehash", 0x1000);
        _guest.Set(FakeGuest.TcpHash, "inet_hashinfo", "ehash_mask", 15);
        Assert.Contains("from 0 on are not there", _guest.Os.UnownedSockets().Incomplete);
    }
}
