using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Vmi.Guests;

namespace Vmi.Bench;

/// <summary>
/// The least that a client of QEMU's gdbstub can do with a breakpoint: it sends the packets that the driver sends, looks for the end of
/// each answer, and decodes nothing.
/// </summary>
internal sealed class MinimalDebugger : IDisposable
{
    private readonly RunningGuest _guest;
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _next;
    private int _end;

    public MinimalDebugger(RunningGuest guest)
    {
        _guest = guest;
        var name = $"vmi-bench-{Guid.NewGuid():N}";
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint("\0" + name));
        listener.Listen();
        guest.Monitor.Human("stop");
        guest.Monitor.Human($"gdbserver unix:{name},abstract=on");
        _socket = listener.Accept();
        _socket.ReceiveTimeout = 10_000;
    }

    /// <summary>Sends a packet and skips as many answers.</summary>
    public void Exchange(string packet, int answers = 1)
    {
        Send(packet);
        Skip(answers);
    }

    /// <summary>Runs over a breakpoint so many times: hit, registers, one step, and on.</summary>
    public void CountSteppedHits(ulong address, int hits)
    {
        Exchange(string.Create(CultureInfo.InvariantCulture, $"Z0,{address:x},1"));
        byte[] read = Frame("g"), step = Frame("vCont;s:1"), run = Frame("vCont;c");
        _socket.Send(run);
        for (var i = 0; i < hits; i++)
        {
            Skip(1);
            _socket.Send(read);
            Skip(1);
            _socket.Send(step);
            Skip(1);
            _socket.Send(run);
        }
        _socket.Send([0x03]);
        Skip(1);
        Exchange(string.Create(CultureInfo.InvariantCulture, $"z0,{address:x},1"));
    }

    public void Dispose()
    {
        _socket.Dispose();
        _guest.Monitor.Human("gdbserver none");
        _guest.Monitor.Human("cont");
    }

    private static byte[] Frame(string packet) =>
        Encoding.ASCII.GetBytes($"+${packet}#{packet.Sum(character => character) & 0xff:x2}");

    private void Send(string packet) => _socket.Send(Frame(packet));

    /// <summary>Reads to the end of so many packets: `#` and two digits.</summary>
    private void Skip(int packets)
    {
        while (packets > 0)
        {
            if (ReadByte() != '#')
                continue;
            ReadByte();
            ReadByte();
            packets--;
        }
    }

    private byte ReadByte()
    {
        if (_next == _end)
            (_next, _end) = (0, _socket.Receive(_buffer));
        return _end > 0 ? _buffer[_next++] : throw new IOException("QEMU closed the stub.");
    }
}
