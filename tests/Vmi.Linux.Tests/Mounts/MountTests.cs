using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Mounts;

public sealed class MountTests
{
    private readonly FakeGuest _guest;
    private readonly ulong _space;
    private readonly ulong _super;
    private readonly ulong _task;
    private readonly ulong _root;
    private readonly ulong _top;
    private readonly bool _isOld;

    public MountTests()
        : this(isOld: false)
    {
    }

    private MountTests(bool isOld)
    {
        _isOld = isOld;
        _guest = new FakeGuest(isOld, new VmiLimits { ListEntries = 50 });
        _task = _guest.AddProcess(1, "init");
        var proxy = _guest.Allocate("nsproxy");
        _space = _guest.Allocate("mnt_namespace");
        _guest.Set(_task, "task_struct", "nsproxy", proxy);
        _guest.Set(proxy, "nsproxy", "mnt_ns", _space);
        if (isOld)
            _guest.LinkEmpty(_space + _guest.Offset("mnt_namespace", "list"));
        var type = _guest.Allocate("file_system_type");
        _guest.Set(type, "file_system_type", "name", _guest.Text("tmpfs"));
        _super = _guest.Allocate("super_block");
        _guest.Set(_super, "super_block", "s_type", type);
        _guest.Set(_super, "super_block", "s_dev", 3 << 20 | 7);
        _root = Dentry(null, "/");
        _top = Mount(1, _root, null, 0, 0);
        var fs = _guest.Allocate("fs_struct");
        _guest.Set(_task, "task_struct", "fs", fs);
        _guest.Set(fs, "fs_struct", "root.mnt", _top + _guest.Offset("mount", "mnt"));
        _guest.Set(fs, "fs_struct", "root.dentry", _root);
    }

    private ulong Dentry(ulong? parent, string name)
    {
        var dentry = _guest.Allocate("dentry");
        _guest.Set(dentry, "dentry", "d_parent", parent ?? dentry);
        _guest.Set(dentry, "dentry", "d_name.len", (ulong)name.Length);
        _guest.Set(dentry, "dentry", "d_name.name", _guest.Text(name));
        _guest.Set(dentry, "dentry", "d_hash.pprev", FakeGuest.DirectMap);
        return dentry;
    }

    private ulong Mount(ulong id, ulong root, ulong? parent, ulong place, ulong flags)
    {
        var mount = _guest.Allocate("mount");
        _guest.Set(mount, "mount", "mnt_id", id);
        _guest.Set(mount, "mount", "mnt_parent", parent ?? mount);
        _guest.Set(mount, "mount", "mnt_mountpoint", place);
        _guest.Set(mount, "mount", "mnt.mnt_root", root);
        _guest.Set(mount, "mount", "mnt.mnt_sb", _super);
        _guest.Set(mount, "mount", "mnt.mnt_flags", flags);
        _guest.Set(mount, "mount", "mnt_devname", _guest.Text($"source {id}"));
        return mount;
    }

    private ulong Node(ulong mount) => mount + _guest.Offset("mount", "mnt_node");

    private void Root(ulong node) => _guest.Set(_space, "mnt_namespace", "mounts.rb_node", node);

    private void Link(ulong node, string side, ulong child) => _guest.Set(node, "rb_node", side, child);

    private IVmiList<LinuxMount> Mounts() => _guest.Os.Processes()[0].Mounts();

    [Fact]
    public void Mounts_of_the_tree_are_those_that_mountinfo_shows()
    {
        var inside = Dentry(Dentry(null, "/"), "inside");
        var bound = Mount(2, inside, _top, Dentry(_root, "a b"), 0x1000 | 0x40 | 0x20 | 1);
        var slave = Mount(3, _root, bound, Dentry(inside, "c"), 0x2000);
        _guest.Set(bound, "mount", "mnt_group_id", 9);
        _guest.Set(slave, "mount", "mnt_master", bound);
        Root(Node(bound));
        Link(Node(bound), "rb_left", Node(_top));
        Link(Node(bound), "rb_right", Node(slave));
        var mounts = Mounts();
        Assert.Null(mounts.Incomplete);
        Assert.Equal([1, 2, 3], mounts.Select(each => each.Id));
        Assert.Equal([1, 1, 2], mounts.Select(each => each.ParentId!.Value));
        Assert.Equal(("/", "/a b", "/inside"), (mounts[0].Path, mounts[1].Path, mounts[1].Root));
        Assert.Equal(
            ("ro,nosuid,relatime", "rw", 9, "source 2"),
            (mounts[1].Options, mounts[1].SuperOptions, mounts[1].PeerGroup, mounts[1].Source));
        Assert.Equal((9, true, null, "tmpfs"), (mounts[2].MasterGroup, mounts[2].IsUnbindable, mounts[2].PeerGroup, mounts[2].FileSystem));
        Assert.Equal((3u, 7u), (mounts[0].DeviceMajor, mounts[0].DeviceMinor));
    }

    [Fact]
    public void Mounts_of_older_kernels_are_on_a_list()
    {
        var older = new MountTests(isOld: true);
        var second = older.Mount(2, older._root, older._top, older.Dentry(older._root, "mnt"), 0);
        var cursor = older.Mount(3, older._root, older._top, older._root, 0x1000_0000);
        foreach (var mount in new[] { older._top, second, cursor })
            older._guest.LinkLast(
                older._space + older._guest.Offset("mnt_namespace", "list"), mount + older._guest.Offset("mount", "mnt_list"));
        Assert.True(older._isOld);
        var mounts = older.Mounts();
        Assert.Null(mounts.Incomplete);
        Assert.Equal(["1 /", "2 /mnt"], mounts.Select(each => $"{each.Id} {each.Path}"));
    }

    [Fact]
    public void A_mount_outside_of_the_process_s_root_is_not_among_them()
    {
        Root(Node(_top));
        Link(Node(_top), "rb_right", Node(Mount(2, _root, null, 0, 0)));
        Assert.Equal(1, Assert.Single(Mounts()).Id);
    }

    [Fact]
    public void A_tree_that_goes_in_a_circle_ends_and_says_so()
    {
        Root(Node(_top));
        Link(Node(_top), "rb_right", Node(_top));
        var mounts = Mounts();
        Assert.Single(mounts);
        Assert.Contains("circle", mounts.Incomplete);
    }

    [Fact]
    public void A_tree_that_leads_elsewhere_says_so()
    {
        Root(Node(_top));
        Link(Node(_top), "rb_left", 0x1000);
        Assert.Contains("leads to", Mounts().Incomplete);
        Assert.Single(Mounts());
    }

    [Fact]
    public void A_tree_without_end_is_cut()
    {
        var above = Node(_top);
        Root(above);
        for (ulong id = 2; id < 60; id++)
        {
            var below = Node(Mount(id, _root, _top, _root, 0));
            Link(above, "rb_right", below);
            above = below;
        }

        var mounts = Mounts();
        Assert.Equal(50, mounts.Count);
        Assert.Contains("more than 50", mounts.Incomplete);
    }

    [Fact]
    public void What_is_missing_of_a_mount_is_said()
    {
        Root(Node(_top));
        _guest.Set(_top, "mount", "mnt.mnt_sb", 0x1000);
        _guest.Set(_top, "mount", "mnt_devname", 0x1000);
        var mounts = Mounts();
        Assert.Equal((null, null), (Assert.Single(mounts).FileSystem, mounts[0].Source));
        Assert.NotNull(mounts.Incomplete);
    }
}
