using System.Globalization;
using System.Net.Sockets;

namespace Vmi.Qemu;

/// <summary>
/// The packets of GDB's remote serial protocol over a connected socket. Requests are collected and sent together; acknowledgements go
/// out with the next request, since anything that a running QEMU receives stops it. The socket is local: nothing is lost or damaged on
/// the way, so a packet that is rejected or malformed is an error, not sent again.
/// </summary>
internal sealed class GdbConnection : IDisposable
{
    private const int MaxPacket = 1024 * 1024;
    private const byte Escape = (byte)'}';
    private const byte Interruption = 0x03;

    private readonly Socket _socket;
    private readonly byte[] _received = new byte[64 * 1024];
    private byte[] _outgoing = new byte[4096];
    private byte[] _body = new byte[4096];
    private int _outgoingLength;
    private int _next;
    private int _end;
    private int _owed;

    public GdbConnection(Socket socket, TimeSpan timeout)
    {
        _socket = socket;
        _socket.ReceiveTimeout = _socket.SendTimeout = (int)timeout.TotalMilliseconds;
    }

    /// <summary>Whether packets are acknowledged; no more once both sides have agreed to do without.</summary>
    public bool Acknowledges { get; set; } = true;

    /// <summary>Adds a request to those that <see cref="Flush"/> sends, framed: `$packet#checksum`, special characters escaped.</summary>
    public void Post(ReadOnlySpan<byte> packet)
    {
        for (; _owed > 0; _owed--)
            Put((byte)'+');
        Put((byte)'$');
        byte checksum = 0;
        foreach (var value in packet)
        {
            if (value is (byte)'$' or (byte)'#' or Escape or (byte)'*')
            {
                Put(Escape);
                Put((byte)(value ^ 0x20));
                checksum += (byte)(Escape + (value ^ 0x20));
            }
            else
            {
                Put(value);
                checksum += value;
            }
        }
        Put((byte)'#');
        Put(HexDigit(checksum >> 4));
        Put(HexDigit(checksum & 15));
    }

    /// <summary>Sends what was posted.</summary>
    /// <exception cref="VmiDriverException">The connection is gone.</exception>
    public void Flush()
    {
        var length = _outgoingLength;
        _outgoingLength = 0;
        Send(_outgoing.AsSpan(0, length));
    }

    /// <summary>Asks the stub to stop the machine; the answer is a stop reply.</summary>
    /// <exception cref="VmiDriverException">The connection is gone.</exception>
    public void Interrupt() => Send([Interruption]);

    /// <summary>Waits until the stub has sent something. From any thread.</summary>
    public bool Wait(TimeSpan timeout) => _socket.Poll(timeout, SelectMode.SelectRead);

    /// <summary>Whether a packet is coming in; waits for its beginning.</summary>
    /// <exception cref="VmiDriverException">The connection is gone.</exception>
    public bool Poll(TimeSpan timeout)
    {
        while (true)
        {
            while (_next < _end && _received[_next] == '+')
                _next++;
            if (_next < _end)
                return true;
            if (!_socket.Poll(timeout, SelectMode.SelectRead))
                return false;
            Fill();
        }
    }

    /// <summary>The next packet from the stub, escapes (`}x`) and run lengths (`x*n`) undone; valid until the next call.</summary>
    /// <exception cref="VmiDriverException">The connection is gone, or what it sends is no packet.</exception>
    public ReadOnlySpan<byte> Receive()
    {
        for (byte before; (before = ReadByte()) != '$';)
        {
            if (before != '+')
                throw new VmiDriverException($"QEMU's gdbstub sent 0x{before:x2} where a packet or an acknowledgement belongs.");
        }
        var length = 0;
        byte checksum = 0;
        for (byte value; (value = ReadByte()) != '#';)
        {
            checksum += value;
            if (value == Escape)
            {
                value = ReadByte();
                checksum += value;
                Append(ref length, (byte)(value ^ 0x20), 1);
            }
            else if (value == '*' && length > 0)
            {
                value = ReadByte();
                checksum += value;
                Append(ref length, _body[length - 1], Math.Max(0, value - 29));
            }
            else
            {
                Append(ref length, value, 1);
            }
        }
        ReadOnlySpan<byte> digits = [ReadByte(), ReadByte()];
        if (!byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var sent) || sent != checksum)
            throw new VmiDriverException("QEMU's gdbstub sends wrong checksums.");
        if (Acknowledges)
            _owed++;
        return _body.AsSpan(0, length);
    }

    public void Dispose() => _socket.Dispose();

    private static byte HexDigit(int value) => (byte)(value < 10 ? '0' + value : 'a' + value - 10);

    private void Put(byte value)
    {
        if (_outgoingLength == _outgoing.Length)
            Array.Resize(ref _outgoing, 2 * _outgoing.Length);
        _outgoing[_outgoingLength++] = value;
    }

    private void Append(ref int length, byte value, int count)
    {
        if (length + count > MaxPacket)
            throw new VmiDriverException("QEMU's gdbstub sends a packet without an end.");
        if (length + count > _body.Length)
            Array.Resize(ref _body, Math.Max(length + count, 2 * _body.Length));
        _body.AsSpan(length, count).Fill(value);
        length += count;
    }

    private byte ReadByte()
    {
        if (_next == _end)
            Fill();
        return _received[_next++];
    }

    private void Fill()
    {
        try
        {
            (_next, _end) = (0, _socket.Receive(_received));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            throw new VmiDriverException($"QEMU's gdbstub does not answer: {error.Message.TrimEnd('.')}.", error);
        }
        if (_end == 0)
            throw new VmiDriverException("QEMU closed the connection of its gdbstub.");
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
                bytes = bytes[_socket.Send(bytes)..];
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            throw new VmiDriverException("QEMU closed the connection of its gdbstub.", error);
        }
    }
}
