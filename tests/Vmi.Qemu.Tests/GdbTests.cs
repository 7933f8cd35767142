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
        Assert.Equal("$OK#9a"u8, GdbClient.Frame("OK"));
        Assert.Equal("$}]#da"u8, GdbClient.Frame("}"));
        Assert.Equal("$#00"u8, GdbClient.Frame(""));
    }

    [Fact]
    public void Answers_are_acknowledged_and_their_escapes_and_run_lengths_undone()
    {
        // "0* " is four zeros (GDB manual, "Overview"): 0x30 + 0x2a + 0x20 = 0x7a.
        using var client = Client("+$PacketSize=1000#f1+$0* #7a+$a}\x03#e1+$bad#00$OK#9a");
        Assert.Equal(0x1000, client.PacketSize);
        Assert.Equal("0000", client.Request("m0,2"));
        Assert.Equal("a#", client.Request("x"));
        client.Command("y");
        Assert.Equal("$qSupported#37+$m0,2#fb+$x#78+$y#79-+", Sent());
    }

    [Fact]
    public void A_rejected_packet_is_sent_again()
    {
        using var client = Client("-+$#00-+$OK#9a");
        client.Command("y");
        Assert.Equal("$qSupported#37$qSupported#37+$y#79$y#79+", Sent());
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("+")]
    [InlineData("+$")]
    [InlineData("+$abc#")]
    [InlineData("+$abc#zz$abc#zz$abc#zz")]
    [InlineData("---")]
    [InlineData("+$PacketSize=zz#00")]
    public void A_stub_that_talks_nonsense_is_an_error(string said) => Assert.Throws<VmiDriverException>(() => Client(said));

    [Fact]
    public void An_error_answer_ends_a_write_where_it_came()
    {
        using var client = Client("+$PacketSize=100#c1+$OK#9a+$E14#aa");
        Assert.Equal(104, client.Write(0x1000, new byte[300]));
    }
}
