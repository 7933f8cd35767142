using System.Buffers.Binary;
using System.Net;

namespace Vmi.Linux;

/// <summary>Reads the sockets among a process's open files.</summary>
internal sealed class SocketReader(KernelReader kernel)
{
    private const int LongestUnixName = 108; // sockaddr_un.sun_path
    private const uint UnixFamilyLength = 2; // sockaddr_un.sun_family

    public VmiList<LinuxSocket> Read(IVmiList<LinuxOpenFile> files)
    {
        var missing = new Shortfall();
        missing.Add(files.Incomplete);
        var sockets = new List<LinuxSocket>();
        foreach (var file in files.Where(each => each.Kind == LinuxFileKind.Socket))
        {
            // A socket's name in a directory may be opened (O_PATH): only the file that the socket knows as its own leads to one.
            if (!kernel.TryReadStruct(file.PrivateData, kernel.Layouts.Socket, out var socket))
            {
                if (!file.PrivateData.IsNull)
                    missing.Add($"the socket of descriptor {file.Descriptor} at {file.PrivateData} is not there");
                continue;
            }

            if (socket.ReadVa(kernel.Layouts.Socket.File) != file.Object)
                missing.Add($"the socket of descriptor {file.Descriptor} at {file.PrivateData} is none of its file");
            else if (Read(file, socket.ReadVa(kernel.Layouts.Socket.Sock), missing) is { } read)
                sockets.Add(read);
        }

        return new VmiList<LinuxSocket>(sockets, missing.ToString());
    }

    /// <summary>
    /// The TCP connections that no process holds: waiting to be accepted, or for their end. What waits for its end, or is being made, is
    /// kept in a smaller structure, which begins as a `sock` does.
    /// </summary>
    public VmiList<LinuxSocket> ReadUnowned()
    {
        var missing = new Shortfall();
        var sockets = new List<LinuxSocket>();
        var connections = TcpTable.Read(kernel);
        missing.Add(connections.Incomplete);
        var owner = kernel.Kernel.Profile.Field("sock", "sk_socket").Offset;
        foreach (var address in connections)
        {
            if (!kernel.TryReadStruct(address, kernel.Layouts.Sock, out var sock))
                missing.Add($"the connection at {address} is not there");
            else if ((LinuxSocketState)sock.Read(kernel.Layouts.Sock.State) is LinuxSocketState.TimeWait or LinuxSocketState.NewSynReceived)
                sockets.Add(Describe(null, address, sock, missing, isWhole: false));
            else if (kernel.TryReadVa(address + owner, out var socket) && socket.IsNull)
                sockets.Add(Describe(null, address, sock, missing, isWhole: true));
        }

        return new VmiList<LinuxSocket>(sockets, missing.ToString());
    }

    private LinuxSocket? Read(LinuxOpenFile file, Va address, Shortfall missing)
    {
        // Between socket(2) and its end there is always a sock, but for the moment in which it is made or released.
        if (kernel.TryReadStruct(address, kernel.Layouts.Sock, out var sock))
            return Describe(file, address, sock, missing, isWhole: true);
        missing.Add($"the sock of descriptor {file.Descriptor} at {address} is not there");
        return null;
    }

    private LinuxSocket Describe(LinuxOpenFile? file, Va address, StructReader sock, Shortfall missing, bool isWhole)
    {
        const int tcp = 6; // IPPROTO_TCP
        var layout = kernel.Layouts.Sock;
        var family = (LinuxSocketFamily)sock.Read(layout.Family);
        var state = (LinuxSocketState)sock.Read(layout.State);
        var (local, remote) = EndPoints(sock, family);
        return new LinuxSocket(file)
        {
            Family = family,
            Type = isWhole ? (LinuxSocketType)sock.Read(layout.Type) : LinuxSocketType.Stream,
            Protocol = family == LinuxSocketFamily.Packet ? PacketProtocol(address, missing)
                : isWhole ? (int)sock.Read(layout.Protocol) : tcp,
            State = Enum.IsDefined(state) ? state : LinuxSocketState.Unknown,
            Local = local,
            Remote = remote,
            Path = family == LinuxSocketFamily.Unix ? UnixName(address, missing) : null,
            NetlinkPort = family == LinuxSocketFamily.Netlink ? Word(address, layout.NetlinkPort, missing) : null,
            InterfaceIndex = family == LinuxSocketFamily.Packet ? (int?)Word(address, layout.PacketInterface, missing) : null,
            NetworkNamespace = layout.Network is { } network ? Word(sock.ReadVa(network), layout.NetworkNumber, missing) : null,
            Object = address,
        };
    }

    private (IPEndPoint? Local, IPEndPoint? Remote) EndPoints(StructReader sock, LinuxSocketFamily family)
    {
        var layout = kernel.Layouts.Sock;
        var localPort = (int)(ushort)sock.Read(layout.LocalPort);
        // In the network's order of bytes.
        var remotePort = (int)BinaryPrimitives.ReverseEndianness((ushort)sock.Read(layout.RemotePort));
        return family switch
        {
            LinuxSocketFamily.Inet => (
                new IPEndPoint(new IPAddress((long)(uint)sock.Read(layout.LocalAddress)), localPort),
                new IPEndPoint(new IPAddress((long)(uint)sock.Read(layout.RemoteAddress)), remotePort)),
            LinuxSocketFamily.Inet6 when layout.LocalAddress6 is { } local && layout.RemoteAddress6 is { } remote => (
                new IPEndPoint(new IPAddress(sock.ReadBytes(local)), localPort),
                new IPEndPoint(new IPAddress(sock.ReadBytes(remote)), remotePort)),
            _ => default,
        };
    }

    private uint? Word(Va structure, ulong? offset, Shortfall missing)
    {
        if (offset is null)
            return null;
        if (kernel.TryReadUInt32(structure + offset.Value, out var value))
            return value;
        missing.Add($"what belongs to a socket at {structure} is not there");
        return null;
    }

    private int PacketProtocol(Va address, Shortfall missing) =>
        BinaryPrimitives.ReverseEndianness((ushort)(Word(address, kernel.Layouts.Sock.PacketProtocol, missing) ?? 0));

    private string? UnixName(Va address, Shortfall missing)
    {
        var layout = kernel.Layouts.Sock;
        if (layout.UnixAddress is not { } field || layout.UnixLength is null || layout.UnixName is not { } text)
            return null;
        if (!kernel.TryReadVa(address + field, out var name))
            missing.Add($"the name of a unix socket at {address} is not there");
        if (name.IsNull || Word(name, layout.UnixLength, missing) is not { } length || length <= UnixFamilyLength)
            return null;
        var bytes = new byte[Math.Min(length - UnixFamilyLength, LongestUnixName + 1)];
        if (!kernel.TryRead(name + text + UnixFamilyLength, bytes))
        {
            missing.Add($"the name of a unix socket at {address} is not there");
            return null;
        }

        // A path ends with a zero byte, which counts.
        var shown = bytes[0] == 0 ? bytes : bytes[..^1];
        shown.AsSpan().Replace((byte)0, (byte)'@');
        return GuestText.Decode(shown);
    }
}
