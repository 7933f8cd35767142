using System.Buffers.Binary;
using System.Text;

namespace Vmi.Qemu;

/// <summary>The connected unix sockets of the host with the peer of each, from the kernel's `sock_diag` (what `ss -x` shows).</summary>
internal static unsafe class UnixSocketTable
{
    private const int AfNetlink = 16;
    private const int SockRaw = 3;
    private const int NetlinkSockDiag = 4;
    private const ushort SockDiagByFamily = 20;
    private const ushort RequestDump = 0x301;
    private const ushort Done = 3;
    private const ushort Error = 2;
    private const int HeaderSize = 16;
    private const int MessageSize = 16;
    private const int ShowNameAndPeer = 1 | 4;
    private const int AttributeName = 0;
    private const int AttributePeer = 2;
    private const int MaxReceives = 65536;

    /// <summary>Inode, peer's inode and name of each; empty where the kernel can't tell.</summary>
    public static IReadOnlyList<(uint Inode, uint Peer, string Name)> Read()
    {
        var sockets = new List<(uint, uint, string)>();
        var descriptor = Native.Socket(AfNetlink, SockRaw, NetlinkSockDiag);
        if (descriptor < 0)
            return sockets;
        try
        {
            Span<byte> request = stackalloc byte[HeaderSize + 24]; // struct nlmsghdr, struct unix_diag_req
            request.Clear();
            BinaryPrimitives.WriteInt32LittleEndian(request, request.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(request[4..], SockDiagByFamily);
            BinaryPrimitives.WriteUInt16LittleEndian(request[6..], RequestDump);
            request[HeaderSize] = 1; // AF_UNIX
            request.Slice(HeaderSize + 4, 4).Fill(0xff); // all states
            BinaryPrimitives.WriteInt32LittleEndian(request[(HeaderSize + 12)..], ShowNameAndPeer);
            fixed (byte* start = request)
            {
                if (Native.Send(descriptor, start, (nuint)request.Length, 0) != request.Length)
                    return sockets;
            }
            var buffer = new byte[65536];
            for (var i = 0; i < MaxReceives; i++)
            {
                int received;
                fixed (byte* start = buffer)
                    received = (int)Native.Receive(descriptor, start, (nuint)buffer.Length, 0);
                if (received <= 0 || !Parse(buffer.AsSpan(0, received), sockets))
                    break;
            }
            return sockets;
        }
        finally
        {
            _ = Native.Close(descriptor);
        }
    }

    /// <summary>Takes one datagram apart; false once it holds the end.</summary>
    private static bool Parse(ReadOnlySpan<byte> datagram, List<(uint, uint, string)> sockets)
    {
        while (datagram.Length >= HeaderSize)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(datagram);
            var type = BinaryPrimitives.ReadUInt16LittleEndian(datagram[4..]);
            if (type is Done or Error || length < HeaderSize || length > datagram.Length)
                return false;
            var message = datagram[HeaderSize..(int)length];
            if (message.Length >= MessageSize)
                ParseSocket(message, sockets);
            datagram = datagram[Math.Min((int)Align(length), datagram.Length)..];
        }
        return true;
    }

    private static void ParseSocket(ReadOnlySpan<byte> message, List<(uint, uint, string)> sockets)
    {
        var inode = BinaryPrimitives.ReadUInt32LittleEndian(message[4..]);
        uint peer = 0;
        var name = "";
        for (var rest = message[MessageSize..]; rest.Length >= 4;)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(rest);
            if (length < 4 || length > rest.Length)
                return;
            var value = rest[4..length];
            switch (BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]))
            {
                case AttributeName:
                    // A path ends with NUL; an abstract name begins with it.
                    name = UnixSockets.Display(Encoding.UTF8.GetString(value.TrimEnd((byte)0)));
                    break;
                case AttributePeer when value.Length >= 4:
                    peer = BinaryPrimitives.ReadUInt32LittleEndian(value);
                    break;
            }
            rest = rest[Math.Min((int)Align((uint)length), rest.Length)..];
        }
        if (peer != 0)
            sockets.Add((inode, peer, name));
    }

    private static uint Align(uint length) => (length + 3) & ~3u;
}
