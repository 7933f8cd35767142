using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Vmi.Qemu;

/// <summary>
/// A client of GDB's remote serial protocol over a connected socket: one request at a time, each acknowledged. Text is Latin-1, so
/// that a character is a byte.
/// </summary>
internal sealed class GdbClient : IDisposable
{
    private const int MaxPacket = 1024 * 1024;
    private const int MaxAttempts = 3;
    private const int DefaultPacketSize = 1024;

    private readonly Socket _socket;
    private readonly byte[] _received = new byte[4096];
    private int _next;
    private int _end;

    /// <summary>Takes a connection over and asks the stub what it can.</summary>
    /// <exception cref="VmiDriverException">No stub answers.</exception>
    public GdbClient(Socket socket, TimeSpan timeout)
    {
        _socket = socket;
        _socket.ReceiveTimeout = _socket.SendTimeout = (int)timeout.TotalMilliseconds;
        PacketSize = DefaultPacketSize;
        const string Key = "PacketSize=";
        foreach (var feature in Request("qSupported").Split(';'))
        {
            if (feature.StartsWith(Key, StringComparison.Ordinal)
                && int.TryParse(feature.AsSpan(Key.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size))
                PacketSize = Math.Clamp(size, 256, MaxPacket);
        }
    }

    /// <summary>The longest packet the stub takes, in bytes.</summary>
    public int PacketSize { get; }

    /// <summary>Sends a request and returns the answer; "" means that the stub does not know the request.</summary>
    /// <exception cref="VmiDriverException">The connection is gone or the answer malformed.</exception>
    public string Request(string packet)
    {
        var framed = Frame(packet);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            Send(framed);
            if (ReadByte() is var acknowledgement && acknowledgement == '+')
                return ReadPacket();
            if (acknowledgement != '-')
                throw new VmiDriverException($"QEMU's gdbstub sent 0x{acknowledgement:x2} where an acknowledgement belongs.");
        }
        throw new VmiDriverException("QEMU's gdbstub rejects what is sent to it.");
    }

    /// <summary>Sends a request that the stub must answer with OK.</summary>
    /// <exception cref="VmiDriverException">It did not.</exception>
    public void Command(string packet)
    {
        var answer = Request(packet);
        if (answer != "OK")
            throw new VmiDriverException($"QEMU's gdbstub answers `{answer}` to `{packet.Split(':')[0]}`.");
    }

    /// <summary>Chooses what addresses of memory are: guest physical, or virtual in the current vCPU.</summary>
    /// <exception cref="VmiDriverException">The stub can't (QEMU before 4.2).</exception>
    public void UsePhysicalMemory(bool physical) => Command(physical ? "Qqemu.PhyMemMode:1" : "Qqemu.PhyMemMode:0");

    /// <summary>Writes memory, in packets as long as the stub takes; returns how many bytes were written before the stub refused.</summary>
    public int Write(ulong address, ReadOnlySpan<byte> source)
    {
        // `M` + address + `,` + length + `:`, and the frame around it.
        const int Overhead = 48;
        var most = (PacketSize - Overhead) / 2;
        var done = 0;
        while (done < source.Length)
        {
            var part = source.Slice(done, Math.Min(most, source.Length - done));
            var packet = string.Create(
                CultureInfo.InvariantCulture, $"M{address + (ulong)done:x},{part.Length:x}:{Convert.ToHexStringLower(part)}");
            if (Request(packet) != "OK")
                break;
            done += part.Length;
        }
        return done;
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>`$packet#checksum`, with the four special characters escaped.</summary>
    internal static byte[] Frame(string packet)
    {
        var bytes = new List<byte>(packet.Length + 4) { (byte)'$' };
        byte checksum = 0;
        foreach (var character in packet)
        {
            if (character is '$' or '#' or '}' or '*')
            {
                Put((byte)'}');
                Put((byte)(character ^ 0x20));
            }
            else
            {
                Put((byte)character);
            }
        }
        bytes.Add((byte)'#');
        bytes.AddRange(Encoding.ASCII.GetBytes(checksum.ToString("x2", CultureInfo.InvariantCulture)));
        return [.. bytes];

        void Put(byte value)
        {
            bytes.Add(value);
            checksum += value;
        }
    }

    private string ReadPacket()
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            while (ReadByte() != '$')
            {
                // What stands before a packet means nothing to us.
            }
            if (TryReadBody(out var text))
            {
                Send("+"u8);
                return text;
            }
            Send("-"u8);
        }
        throw new VmiDriverException("QEMU's gdbstub sends wrong checksums.");
    }

    /// <summary>Reads up to the checksum, undoing escapes (`}x`) and run lengths (`x*n`); false if the checksum is wrong.</summary>
    private bool TryReadBody(out string text)
    {
        var body = new StringBuilder();
        byte checksum = 0;
        for (var length = 0; ; length++)
        {
            if (length > MaxPacket || body.Length > MaxPacket)
                throw new VmiDriverException("QEMU's gdbstub sends a packet without an end.");
            var value = ReadByte();
            if (value == '#')
                break;
            checksum += value;
            if (value == '}')
            {
                value = ReadByte();
                checksum += value;
                body.Append((char)(value ^ 0x20));
            }
            else if (value == '*' && body.Length > 0)
            {
                value = ReadByte();
                checksum += value;
                body.Append(body[^1], Math.Max(0, value - 29));
            }
            else
            {
                body.Append((char)value);
            }
        }
        text = body.ToString();
        Span<char> digits = [(char)ReadByte(), (char)ReadByte()];
        return byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var sent) && sent == checksum;
    }

    private byte ReadByte()
    {
        if (_next == _end)
        {
            try
            {
                (_next, _end) = (0, _socket.Receive(_received));
            }
            catch (SocketException error)
            {
                throw new VmiDriverException($"QEMU's gdbstub does not answer: {error.Message}.", error);
            }
            if (_end == 0)
                throw new VmiDriverException("QEMU closed the connection of its gdbstub.");
        }
        return _received[_next++];
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
                bytes = bytes[_socket.Send(bytes)..];
        }
        catch (SocketException error)
        {
            throw new VmiDriverException("QEMU closed the connection of its gdbstub.", error);
        }
    }
}
