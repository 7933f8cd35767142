using System.Net;
using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Files;

public sealed class OpenFileTests
{
    private const ulong SocketMode = 0xC000;
    private readonly FakeGuest _guest = new(limits: new VmiLimits { ListEntries = 2000 });
    private readonly ulong _task;
    private readonly ulong _table;
    private readonly ulong _array;
    private readonly ulong _bits;
    private readonly ulong _mount;
    private readonly ulong _root;

    public OpenFileTests()
    {
        _task = _guest.AddProcess(1, "init");
        _root = Dentry(null, "/");
        var mount = _guest.Allocate("mount");
        _guest.Set(mount, "mount", "mnt.mnt_root", _root);
        _guest.Set(mount, "mount", "mnt_parent", mount);
        _mount = mount + _guest.Offset("mount", "mnt");
        var files = _guest.Allocate("files_struct");
        _table = _guest.Allocate("fdtable");
        _array = _guest.Allocate(3000 * 8, Frame.Size);
        _bits = _guest.Allocate(3000 / 8, 8);
        _guest.Set(_task, "task_struct", "files", files);
        _guest.Set(files, "files_struct", "fdt", _table);
        _guest.Set(_table, "fdtable", "max_fds", 256);
        _guest.Set(_table, "fdtable", "fd", _array);
        _guest.Set(_table, "fdtable", "close_on_exec", _bits);
    }

    private LinuxProcess Process => _guest.Os.Processes()[0];

    private ulong Dentry(ulong? parent, string name)
    {
        var dentry = _guest.Allocate("dentry");
        _guest.Set(dentry, "dentry", "d_parent", parent ?? dentry);
        _guest.Set(dentry, "dentry", "d_name.len", (ulong)name.Length);
        _guest.Set(dentry, "dentry", "d_name.name", _guest.Text(name));
        _guest.Set(dentry, "dentry", "d_hash.pprev", FakeGuest.DirectMap);
        return dentry;
    }

    private ulong Open(int descriptor, string name, ulong mode = 0x81a4)
    {
        var inode = _guest.Allocate("inode");
        _guest.Set(inode, "inode", "i_mode", mode);
        _guest.Set(inode, "inode", "i_ino", 100 + (ulong)descriptor);
        _guest.Set(inode, "inode", "i_uid", 1000);
        var file = _guest.Allocate("file");
        _guest.Set(file, "file", "f_inode", inode);
        _guest.Set(file, "file", "f_path.mnt", _mount);
        _guest.Set(file, "file", "f_path.dentry", Dentry(_root, name));
        _guest.Set(file, "file", "f_pos", 7);
        _guest.Set(file, "file", "f_flags", 0x8002);
        _guest.Write(_array + (ulong)descriptor * 8, file);
        return file;
    }

    private ulong OpenSocket(int descriptor, ulong family, ulong type, out ulong socket)
    {
        var file = Open(descriptor, "socket", SocketMode);
        socket = _guest.Allocate("socket");
        var sock = _guest.Allocate("unix_sock");
        _guest.Set(file, "file", "private_data", socket);
        _guest.Set(socket, "socket", "file", file);
        _guest.Set(socket, "socket", "sk", sock);
        _guest.Set(sock, "sock", "__sk_common.skc_family", family);
        _guest.Set(sock, "sock", "sk_type", type);
        var network = _guest.Allocate("net");
        _guest.Set(network, "net", "ns.inum", 4026531840);
        _guest.Set(sock, "sock", "__sk_common.skc_net.net", network);
        return sock;
    }

    [Fact]
    public void A_file_has_its_descriptor_flags_position_and_kind()
    {
        Open(0, "first");
        Open(70, "directory", 0x41ed);
        _guest.Write(_bits + 8, 1UL << 6);
        var files = Process.Files();
        Assert.Null(files.Incomplete);
        Assert.Equal(
            ["0 /first 8002 7 Regular 100", "70 /directory 88002 7 Directory 170"],
            files.Select(each => $"{each.Descriptor} {each.Path} {each.Flags:x} {each.Position} {each.Kind} {each.Inode}"));
        Assert.Equal(1000u, files[0].OwnerUid);
    }

    [Fact]
    public void A_process_without_a_table_has_no_files()
    {
        _guest.Set(_task, "task_struct", "files", 0);
        Assert.Empty(Process.Files());
        Assert.Null(Process.Files().Incomplete);
    }

    [Fact]
    public void A_table_that_claims_to_be_endless_is_cut_and_says_so()
    {
        Open(1, "one");
        Open(1999, "last");
        Open(2500, "beyond");
        _guest.Set(_table, "fdtable", "max_fds", uint.MaxValue);
        var files = Process.Files();
        Assert.Contains("cut at 2000", files.Incomplete);
        Assert.Equal([1, 1999], files.Select(each => each.Descriptor));
    }

    [Fact]
    public void What_is_missing_of_a_table_is_said_and_the_rest_is_there()
    {
        Open(1, "one");
        _guest.Write(_array + 16, 0x1234); // no address of the kernel's
        var files = Process.Files();
        Assert.Equal("/one", Assert.Single(files).Path);
        Assert.Contains("descriptor 2", files.Incomplete);
        _guest.Remove(_array);
        Assert.Contains("from 0 on are not there", Process.Files().Incomplete);
        _guest.Set(_table, "fdtable", "fd", 0x1000);
        Assert.Empty(Process.Files());
    }

    [Fact]
    public void A_socket_has_its_addresses()
    {
        var sock = OpenSocket(3, 2, 1, out _);
        _guest.Set(sock, "sock", "sk_protocol", 6);
        _guest.Set(sock, "sock", "__sk_common.skc_state", 1);
        _guest.Set(sock, "sock", "__sk_common.skc_rcv_saddr", 0x0100007f);
        _guest.Set(sock, "sock", "__sk_common.skc_num", 80);
        _guest.Set(sock, "sock", "__sk_common.skc_daddr", 0x0200007f);
        _guest.Set(sock, "sock", "__sk_common.skc_dport", 0x5c11);
        var socket = Assert.Single(Process.Sockets());
        Assert.Equal((IPEndPoint.Parse("127.0.0.1:80"), IPEndPoint.Parse("127.0.0.2:4444")), (socket.Local, socket.Remote));
        Assert.Equal(
            (LinuxSocketFamily.Inet, LinuxSocketType.Stream, 6, LinuxSocketState.Established, 3, 103UL, 1000u, (uint?)4026531840),
            (socket.Family, socket.Type, socket.Protocol, socket.State, socket.Descriptor, socket.Inode, socket.Uid,
                socket.NetworkNamespace));
    }

    [Theory]
    [InlineData("\0a\0b", "@a@b")]
    [InlineData("/path\0", "/path")]
    [InlineData("", null)]
    public void A_unix_socket_has_the_name_that_the_kernel_shows(string name, string? shown)
    {
        var sock = OpenSocket(3, 1, 2, out _);
        var address = _guest.Allocate(256);
        _guest.Set(address, "unix_address", "len", 2 + (ulong)name.Length);
        _guest.Write(address + _guest.Offset("unix_address", "name") + 2, System.Text.Encoding.ASCII.GetBytes(name));
        _guest.Set(sock, "unix_sock", "addr", address);
        var sockets = Process.Sockets();
        Assert.Null(sockets.Incomplete);
        Assert.Equal(shown, Assert.Single(sockets).Path);
    }

    [Fact]
    public void A_unix_socket_s_name_of_absurd_length_is_cut()
    {
        var sock = OpenSocket(3, 1, 2, out _);
        var address = _guest.Allocate(256);
        _guest.Set(address, "unix_address", "len", uint.MaxValue);
        _guest.Set(sock, "unix_sock", "addr", address);
        Assert.Equal(109, Assert.Single(Process.Sockets()).Path!.Length);
    }

    [Fact]
    public void A_socket_that_another_file_owns_is_none_and_that_is_said()
    {
        OpenSocket(3, 2, 1, out var socket);
        _guest.Set(socket, "socket", "file", FakeGuest.DirectMap);
        var sockets = Process.Sockets();
        Assert.Empty(sockets);
        Assert.Contains("none of its file", sockets.Incomplete);
    }

    [Fact]
    public void A_socket_s_name_in_a_directory_is_no_socket()
    {
        Open(3, "a socket", SocketMode);
        var sockets = Process.Sockets();
        Assert.Empty(sockets);
        Assert.Null(sockets.Incomplete);
    }
}
