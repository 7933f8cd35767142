using System.Net.Sockets;
using System.Text;

namespace Vmi.Qemu.Tests;

public sealed class GdbTests : IDisposable
{
    private readonly Socket _ours;
    private readonly Socket _stub;

    public GdbTests()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint($"\0vmi-gdb-test-{Guid.NewGuid():N}"));
        listener.Listen();
        _ours = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _ours.Connect(listener.LocalEndPoint!);
        _stub = listener.Accept();
    }

    public void Dispose()
    {
        _ours.Dispose();
        _stub.Dispose();
    }

    /// <summary>A client whose stub says all this, however it is asked.</summary>
    private GdbClient Client(string said)
    {
        _stub.Send(Encoding.Latin1.GetBytes(said));
        _stub.Shutdown(SocketShutdown.Send);
        return new GdbClient(_ours, TimeSpan.FromSeconds(2));
    }

    private string Sent()
    {
        var buffer = new byte[65536];
        return Encoding.Latin1.GetString(buffer, 0, _stub.Receive(buffer));
    }

    [Fact]
    public void Packets_carry_the_sum_of_their_bytes_and_escape_what_is_special()
    {
        // Sums by hand: "OK" is 0x4f + 0x4b; `}` ^ 0x20 is `]`, 0x7d + 0x5d = 0xda.
        using var connection = new GdbConnection(_ours, TimeSpan.FromSeconds(2));
        connection.Post("OK"u8);
        connection.Post("}"u8);
        connection.Post(""u8);
        connection.Flush();
        Assert.Equal("$OK#9a$}]#da$#00", Sent());
    }

    [Fact]
    public void Answers_are_acknowledged_with_the_next_request_and_their_escapes_and_run_lengths_undone()
    {
        // "0* " is four zeros (GDB manual, "Overview"): 0x30 + 0x2a + 0x20 = 0x7a.
        using var client = Client("+$PacketSize=1000#f1+$0* #7a+$a}\x03#e1+$OK#9a");
        Assert.Equal(0x1000, client.PacketSize);
        Assert.Equal("0000", client.Request("m0,2"));
        Assert.Equal("a#", client.Request("x"));
        client.Command("y");
        Assert.Equal("$qSupported#37+$m0,2#fb+$x#78+$y#79", Sent());
    }

    [Fact]
    public void A_stub_that_offers_to_go_without_acknowledgements_gets_none()
    {
        using var client = Client("+$QStartNoAckMode+#db+$OK#9a$0#30$1#31");
        Assert.Equal("0", client.Request("x"));
        Assert.Equal("1", client.Request("y"));
        Assert.Equal("$qSupported#37+$QStartNoAckMode#b0+$x#78$y#79", Sent());
    }

    [Fact]
    public void Numbers_of_a_request_are_hexadecimal_and_its_answers_come_in_order()
    {
        using var client = Client("+$#00+$a#61+$b#62");
        client.Post($"Z{0},{0x1234567890abcdefUL},{10}");
        client.Post($"P{16}={(ReadOnlySpan<byte>)[0x01, 0xff]}");
        Assert.Equal("a"u8, client.Receive());
        Assert.Equal("b"u8, client.Receive());
        Assert.Equal("$qSupported#37+$Z0,1234567890abcdef,a#a5$P10=01ff#1b", Sent());
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("+")]
    [InlineData("+$")]
    [InlineData("+$abc#")]
    [InlineData("+$abc#zz")]
    [InlineData("-$#00")]
    [InlineData("---")]
    [InlineData("+$PacketSize=zz#00")]
    public void A_stub_that_talks_nonsense_is_an_error(string said) => Assert.Throws<VmiDriverException>(() => Client(said));

    [Fact]
    public void An_error_answer_ends_a_write_where_it_came()
    {
        using var client = Client("+$PacketSize=100#c1+$OK#9a+$E14#aa");
        Assert.Equal(104, client.Write(0x1000, new byte[300]));
    }

    [Theory]
    [InlineData("T05thread:01;", 5, 1, MemoryAccess.None, 0ul)]
    [InlineData("T02thread:p01.0a;", 2, 10, MemoryAccess.None, 0ul)]
    [InlineData("T05thread:03;watch:ffffffff81000000;", 5, 3, MemoryAccess.Write, 0xffffffff81000000)]
    [InlineData("T05rwatch:10;thread:1;", 5, 1, MemoryAccess.Read, 0x10ul)]
    [InlineData("T05thread:1;awatch:10;core:1", 5, 1, MemoryAccess.ReadWrite, 0x10ul)]
    [InlineData("S06", 6, 0, MemoryAccess.None, 0ul)]
    public void Stop_replies_are_taken_apart(string packet, int signal, int thread, MemoryAccess watched, ulong address)
    {
        Assert.True(GdbStopReply.TryParse(Encoding.Latin1.GetBytes(packet), out var reply));
        Assert.Equal(new GdbStopReply(signal, thread, watched, address), reply);
    }

    [Theory]
    [InlineData("")]
    [InlineData("T")]
    [InlineData("Tzz")]
    [InlineData("OK")]
    [InlineData("T05thread:zz;")]
    [InlineData("T05thread:1;watch:;")]
    [InlineData("W00")]
    public void What_is_no_stop_reply_is_told_apart(string packet) =>
        Assert.False(GdbStopReply.TryParse(Encoding.Latin1.GetBytes(packet), out _));
}
