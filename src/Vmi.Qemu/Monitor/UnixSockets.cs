using System.Net.Sockets;

namespace Vmi.Qemu;

/// <summary>Unix sockets and who is at their other end.</summary>
internal static class UnixSockets
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>A path for messages: an abstract one, which begins with NUL, begins with `@` there.</summary>
    public static string Display(string path) => path.Replace('\0', '@');

    /// <exception cref="VmiDriverException">Nobody listens there, or there is no right to connect.</exception>
    public static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch (Exception error)
        {
            socket.Dispose();
            throw new VmiDriverException(Reason(path, error), error);
        }
    }

    /// <summary>The process that listens at the other end, or connected from there (`SO_PEERCRED`); null if it is not visible here.</summary>
    public static int? PeerPid(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12]; // struct ucred: pid, uid, gid
        try
        {
            if (socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials) < 4)
                return null;
        }
        catch (SocketException)
        {
            return null;
        }
        var pid = BitConverter.ToInt32(credentials);
        return pid > 0 ? pid : null;
    }

    /// <summary>The clients whose connections to a listening process's socket were accepted: "socat (pid 4711)".</summary>
    public static IReadOnlyList<string> Clients(string path, int listener)
    {
        const string Prefix = "socket:[";
        var accepted = new HashSet<string>();
        foreach (var (_, target) in ProcFiles.Descriptors(listener))
            accepted.Add(target);
        var peers = new HashSet<string>();
        foreach (var (inode, peer, name) in UnixSocketTable.Read())
        {
            // A relative name is that of the listener's working directory; only the last part is sure to agree.
            if (accepted.Contains($"{Prefix}{inode}]") && Path.GetFileName(name) == Path.GetFileName(Display(path)))
                peers.Add($"{Prefix}{peer}]");
        }
        var clients = new List<string>();
        if (peers.Count == 0)
            return clients;
        foreach (var pid in ProcFiles.Pids())
        {
            if (ProcFiles.Descriptors(pid).Any(descriptor => peers.Contains(descriptor.Target)))
                clients.Add($"{HostProcess.ProgramName(pid)} (pid {pid})");
        }
        return clients;
    }

    private static string Reason(string path, Exception error)
    {
        var name = Display(path);
        return error switch
        {
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } =>
                $"Nobody listens on {name}: the QEMU that made it has exited, or it is no socket.",
            SocketException { SocketErrorCode: SocketError.AccessDenied } =>
                $"No right to connect to {name}: run as root, or as the user that QEMU runs as.",
            ArgumentException =>
                $"{name} is too long for a unix socket (107 bytes): give a shorter path, or `pid=N`.",
            SocketException when path.StartsWith('\0') || File.Exists(path) => $"Can't connect to {name}: {error.Message}.",
            _ => $"There is no socket {name}: start QEMU with `-qmp unix:{name},server=on,wait=off`, or look with `vmi list`.",
        };
    }
}
