using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using Vmi.Guests;
using Vmi.Linux;

namespace Vmi.Live.Tests;

/// <summary>Compares the files, sockets and the environment of processes with what the guest printed of them.</summary>
public static class FileComparisons
{
    /// <summary>Every entry of every /proc/PID/environ.</summary>
    public static void CompareEnvironments(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var compared = 0;
        foreach (var (process, expected) in LinuxComparisons.Pairs(paused.State.Os, truth))
        {
            var entries = process.Environment();
            Assert.Null(entries.Incomplete);
            Assert.Equal(expected.Environment, entries);
            compared += entries.Count;
        }

        Assert.NotEqual(0, compared);
    }

    public static void CompareDirectories(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        foreach (var (process, expected) in LinuxComparisons.Pairs(paused.State.Os, truth))
            Assert.Equal(
                (expected.Id, expected.WorkingDirectory, expected.Root), (expected.Id, process.WorkingDirectory, process.RootDirectory));
        Assert.Equal("/mnt/jail/cell", truth.InRole("jail").WorkingDirectory);
    }

    /// <summary>Every entry of every /proc/PID/fd with its fdinfo; the printer's own, which it opened to print, are left out.</summary>
    public static void CompareFiles(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        foreach (var (process, expected) in OtherThanPrinter(paused.State.Os, truth))
        {
            var files = process.Files();
            Assert.Null(files.Incomplete);
            Assert.Equal(
                expected.Files.Select(each => $"{expected.Id} {each.Descriptor} {each.Flags:x} {each.Position:x} {each.Path}"),
                files.Select(each => $"{process.Id} {each.Descriptor} {each.Flags:x} {each.Position:x} {each.Path}"));
        }

        Assert.Contains(truth.InRole("files").Files, each => each.Path == "/mnt/files/gone (deleted)");
        Assert.Contains(truth.InRole("files").Files, each => each.Descriptor == 200 && each.Position == 3);
    }

    /// <summary>Files of tmpfs and of the initramfs, across a link and mounts, as the guest itself read them.</summary>
    public static void CompareFileContents(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        foreach (var path in new[] { "/mnt/files/link", "/mnt/files/large/pages", "/bin/dynamic" })
        {
            var expected = truth.Files[path[1..]];
            var process = paused.State.Os.FindProcess(new ProcessId((uint)truth.InRole("files").Id))!;
            Assert.True(process.TryFindFile(path, out var file, out var reason), reason);
            Assert.Equal(((ulong)expected.Length, LinuxFileKind.Regular), (file.Size, file.Kind));
            var content = file.Content();
            Assert.Equal((null, 0), (content.Incomplete, content.Missing.Count));
            using var copy = new MemoryStream();
            Assert.Empty(content.CopyTo(copy));
            Assert.True(copy.ToArray().AsSpan().SequenceEqual(expected), $"{path} is not what the guest read");
            var part = new byte[10_000];
            Assert.True(content.TryRead(3000, part));
            Assert.True(part.AsSpan().SequenceEqual(expected.AsSpan(3000, part.Length)), $"{path} is not what the guest read");
        }

        var dynamic = paused.State.Os.FindProcess(new ProcessId((uint)truth.InRole("dynamic").Id))!;
        Assert.Equal((ulong)truth.Files["bin/dynamic"].Length, dynamic.ExecutableFile()!.Size);
        Assert.False(dynamic.TryFindFile("/mnt/files/gone", out _, out var why));
        Assert.Equal("/mnt/files/gone is not in the kernel's cache of names", why);
    }

    /// <summary>
    /// Each line of /proc/net/tcp and so on whose socket a process holds, and no other socket; and who holds which. The kernel's own
    /// netlink sockets have port 0.
    /// </summary>
    public static void CompareSockets(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var found = new SortedDictionary<ulong, string>();
        var compared = 0;
        foreach (var (process, expected) in OtherThanPrinter(paused.State.Os, truth))
        {
            var sockets = process.Sockets();
            Assert.Null(sockets.Incomplete);
            Assert.Equal(
                expected.Files.Where(each => each.Path.StartsWith("socket:", StringComparison.Ordinal))
                    .Select(each => $"{each.Descriptor} {each.Path}"),
                sockets.Select(each => $"{each.Descriptor} socket:[{each.Inode}]"));
            foreach (var socket in sockets.Where(IsListed))
                found[socket.Inode] = Line(socket);
            compared += sockets.Count;
        }

        Assert.True(compared > 20);
        string[] tables = ["tcp", "tcp6", "udp", "udp6", "raw", "raw6", "unix", "netlink", "packet"];
        var held = truth.Processes.SelectMany(each => each.Files).Select(each => each.Path).ToHashSet(StringComparer.Ordinal);
        var printed = new SortedDictionary<ulong, string>();
        foreach (var table in tables)
        {
            var lines = truth.Sockets(GuestTruth.PrinterId, table);
            Assert.NotEmpty(lines);
            foreach (var each in lines.Concat(truth.Sockets(truth.InRole("holder").Id, table)))
            {
                if (held.Contains($"socket:[{each.Inode}]"))
                    printed[each.Inode] = $"{table} {each.Text}";
            }
        }

        Assert.Equal(printed.Select(each => $"{each.Key} {each.Value}"), found.Select(each => $"{each.Key} {each.Value}"));
    }

    /// <summary>
    /// The lines of /proc/net/tcp and tcp6 with the inode 0, which no process holds, and no other connection. Those that end or begin come
    /// and go: of these only what is there counts.
    /// </summary>
    public static void CompareUnownedSockets(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var found = paused.State.Os.UnownedSockets();
        Assert.Null(found.Incomplete);
        Assert.All(found, socket => Assert.Equal((null, 0UL, 6), (socket.Descriptor, socket.Inode, socket.Protocol)));
        var lasting = found.Where(each => each.State == LinuxSocketState.Established).Select(Line).Order(StringComparer.Ordinal);
        string[] tables = ["tcp", "tcp6"];
        var printed = tables.SelectMany(table => new[] { GuestTruth.PrinterId, truth.InRole("holder").Id }
            .SelectMany(process => truth.Sockets(process, table)).Where(each => each.Inode == 0).Select(each => $"{table} {each.Text}"));
        var expected = printed.Where(line => line.Split(' ')[3] == "01").Order(StringComparer.Ordinal).ToList();
        Assert.True(expected.Count >= 2, $"{expected.Count} connections wait to be accepted");
        Assert.Equal(expected, lasting);
    }

    /// <summary>
    /// Every line of every /proc/PID/mountinfo. Of the file system's own options those are compared that all kinds have: they stand first.
    /// </summary>
    public static void CompareMounts(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        foreach (var (process, expected) in LinuxComparisons.Pairs(paused.State.Os, truth))
        {
            var mounts = process.Mounts();
            Assert.Null(mounts.Incomplete);
            Assert.Equal(
                expected.Mounts.Select(each => $"{each.Id} {each.Parent} {each.Device} {each.Root} {each.Path} {each.Options} "
                    + $"{each.Propagation} - {each.FileSystem} {each.Source} {each.SuperOptions.Split(',')[0]}"),
                mounts.Select(each => $"{each.Id} {each.ParentId} {each.DeviceMajor}:{each.DeviceMinor} {each.Root} {each.Path} "
                    + $"{each.Options} {Propagation(each)} - {each.FileSystem} {each.Source ?? "none"} {each.SuperOptions}"));
        }

        var held = truth.InRole("holder").Mounts;
        Assert.Contains(held, each => each.Path == "/mnt/held/with space\n" && each.Options.StartsWith("ro", StringComparison.Ordinal));
        Assert.Contains(held, each => each.Propagation.Contains("master:", StringComparison.Ordinal));
    }

    /// <summary>Every link in every /proc/PID/ns, NSpid of every status, and the unified hierarchy's line of every cgroup.</summary>
    public static void CompareNamespaces(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var compared = 0;
        foreach (var (process, expected) in LinuxComparisons.Pairs(paused.State.Os, truth))
        {
            var found = process.Namespaces();
            (string Name, uint? Number)[] numbers =
            [
                ("cgroup", found.Cgroup), ("ipc", found.Ipc), ("mnt", found.Mount), ("net", found.Network), ("pid", found.Pid),
                ("pid_for_children", found.PidForChildren), ("time", found.Time), ("time_for_children", found.TimeForChildren),
                ("user", found.User), ("uts", found.Uts),
            ];
            foreach (var (name, number) in numbers)
            {
                var link = truth.Files.ContainsKey($"proc/{expected.Id}/ns/{name}") ? truth.Text($"proc/{expected.Id}/ns/{name}") : null;
                Assert.Equal($"{expected.Id} {name} {link?.Split('[', ']')[1]}", $"{process.Id} {name} {number}");
                compared += number is null ? 0 : 1;
            }

            string LineOf(string file, string start) => truth.Text($"proc/{expected.Id}/{file}").Split('\n')
                .Single(line => line.StartsWith(start, StringComparison.Ordinal))[start.Length..];
            Assert.Equal(LineOf("status", "NSpid:\t"), string.Join('\t', found.Pids));
            Assert.Equal(LineOf("cgroup", "0::"), found.ControlGroup);
        }

        Assert.True(compared > 400, $"{compared} compared");
        Assert.Equal("/a group/inner", truth.Text($"proc/{truth.InRole("holder").Id}/cgroup").Trim()[3..]);
    }

    private static IEnumerable<(LinuxProcess Process, TruthProcess Truth)> OtherThanPrinter(LinuxOs os, GuestTruth truth) =>
        LinuxComparisons.Pairs(os, truth).Where(pair => pair.Truth.Id != GuestTruth.PrinterId);

    private static string Propagation(LinuxMount mount) => string.Join(' ', new[]
    {
        mount.PeerGroup is { } peers ? $"shared:{peers}" : null,
        mount.MasterGroup is { } master ? $"master:{master}" : null,
        mount.IsUnbindable ? "unbindable" : null,
    }.OfType<string>());

    /// <summary>One of IPv4 or IPv6 that is neither bound nor connected stands in no table.</summary>
    private static bool IsListed(LinuxSocket socket) => socket.Local is null || socket.Local.Port != 0;

    /// <summary>As the kernel writes it, so much of the line as the truth keeps.</summary>
    private static string Line(LinuxSocket socket) => socket.Family switch
    {
        LinuxSocketFamily.Unix => $"unix {(socket.State == LinuxSocketState.Listen ? "00010000" : "00000000")} {(int)socket.Type:x4} "
            + $"{(socket.State == LinuxSocketState.Established ? "03" : "01")} {socket.Path}".TrimEnd(' '),
        LinuxSocketFamily.Netlink => $"netlink {socket.Protocol} {socket.NetlinkPort}",
        LinuxSocketFamily.Packet => $"packet {(int)socket.Type} {socket.Protocol:x4} {socket.InterfaceIndex} {socket.Uid}",
        _ => $"{Table(socket)} {EndPoint(socket.Local!)} {EndPoint(socket.Remote!)} {(int)socket.State:X2} {socket.Uid}",
    };

    private static string Table(LinuxSocket socket) => socket.Type switch
    {
        LinuxSocketType.Stream => "tcp",
        LinuxSocketType.Datagram => "udp",
        _ => "raw",
    } + (socket.Family == LinuxSocketFamily.Inet6 ? "6" : "");

    /// <summary>The words of an address as the machine has them, in hexadecimal digits.</summary>
    private static string EndPoint(IPEndPoint end) => string.Concat(end.Address.GetAddressBytes().Chunk(4)
        .Select(word => BinaryPrimitives.ReadUInt32LittleEndian(word).ToString("X8", CultureInfo.InvariantCulture)))
        + ":" + end.Port.ToString("X4", CultureInfo.InvariantCulture);
}
