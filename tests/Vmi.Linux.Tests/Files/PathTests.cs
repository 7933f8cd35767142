using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Files;

public sealed class PathTests
{
    private readonly FakeGuest _guest = new(isOld: true, new VmiLimits { TableBytes = 0x4000 });
    private readonly ulong _mm;
    private readonly ulong _rootMount;
    private readonly ulong _rootDentry;
    private readonly ulong _file;

    public PathTests()
    {
        _mm = _guest.AddSpace(_guest.AddProcess(1, "init"));
        _rootDentry = Dentry(null, "/");
        _rootMount = Mount(_rootDentry, null, 0);
        _file = _guest.Allocate("file");
        _guest.Set(_mm, "mm_struct", "exe_file", _file);
    }

    private string? Path => _guest.Os.Processes()[0].ExecutablePath;

    private ulong Dentry(ulong? parent, string name)
    {
        var dentry = _guest.Allocate("dentry");
        _guest.Set(dentry, "dentry", "d_parent", parent ?? dentry);
        _guest.Set(dentry, "dentry", "d_name.len", (ulong)System.Text.Encoding.UTF8.GetByteCount(name));
        _guest.Set(dentry, "dentry", "d_name.name", _guest.Text(name));
        _guest.Set(dentry, "dentry", "d_hash.pprev", FakeGuest.DirectMap);
        return dentry;
    }

    /// <summary>The address of the `vfsmount` in it, as paths have it.</summary>
    private ulong Mount(ulong root, ulong? parent, ulong mountPoint)
    {
        var mount = _guest.Allocate("mount");
        _guest.Set(mount, "mount", "mnt.mnt_root", root);
        _guest.Set(mount, "mount", "mnt_parent", parent is { } outer ? outer - _guest.Offset("mount", "mnt") : mount);
        _guest.Set(mount, "mount", "mnt_mountpoint", mountPoint);
        return mount + _guest.Offset("mount", "mnt");
    }

    private void SetFile(ulong mount, ulong dentry)
    {
        _guest.Set(_file, "file", "f_path.mnt", mount);
        _guest.Set(_file, "file", "f_path.dentry", dentry);
    }

    [Fact]
    public void A_path_crosses_mounts()
    {
        var usr = Dentry(_rootDentry, "usr");
        var innerRoot = Dentry(null, "/");
        var inner = Mount(innerRoot, _rootMount, usr);
        SetFile(inner, Dentry(Dentry(innerRoot, "bin"), "a [b] ü"));
        Assert.Equal("/usr/bin/a [b] ü", Path);
        SetFile(inner, innerRoot);
        Assert.Equal("/usr", Path);
        SetFile(_rootMount, _rootDentry);
        Assert.Equal("/", Path);
    }

    [Fact]
    public void A_path_begins_at_the_first_process_s_root_directory()
    {
        var jail = Dentry(_rootDentry, "jail");
        var init = _guest.Allocate("task_struct");
        var fs = _guest.Allocate("fs_struct");
        _guest.Set(FakeGuest.InitPidNamespace, "pid_namespace", "child_reaper", init);
        _guest.Set(init, "task_struct", "fs", fs);
        _guest.Set(fs, "fs_struct", "root.mnt", _rootMount);
        _guest.Set(fs, "fs_struct", "root.dentry", jail);
        SetFile(_rootMount, Dentry(jail, "inside"));
        Assert.Equal("/inside", Path);
        SetFile(_rootMount, Dentry(_rootDentry, "outside"));
        Assert.Equal("/outside", Path);
    }

    [Fact]
    public void A_file_that_is_gone_says_so()
    {
        var dentry = Dentry(_rootDentry, "gone");
        _guest.Set(dentry, "dentry", "d_hash.pprev", 0);
        SetFile(_rootMount, dentry);
        Assert.Equal("/gone (deleted)", Path);
    }

    [Fact]
    public void A_file_that_is_in_no_directory_has_the_name_of_its_kind()
    {
        var dentry = Dentry(null, "memfd:a");
        var operations = _guest.Allocate("dentry_operations");
        _guest.Set(dentry, "dentry", "d_op", operations);
        _guest.Set(operations, "dentry_operations", "d_dname", FakeGuest.SimpleName);
        SetFile(Mount(_rootDentry, null, 0), dentry);
        Assert.Equal("/memfd:a (deleted)", Path);
    }

    [Fact]
    public void Directories_that_contain_each_other_end()
    {
        var a = Dentry(_rootDentry, "a");
        var b = Dentry(a, "b");
        _guest.Set(a, "dentry", "d_parent", b);
        SetFile(_rootMount, b);
        Assert.Null(Path);
    }

    [Fact]
    public void Mounts_that_contain_each_other_end()
    {
        var root = Dentry(null, "/");
        var first = Mount(root, _rootMount, root);
        var second = Mount(root, first, root);
        _guest.Set(first - _guest.Offset("mount", "mnt"), "mount", "mnt_parent", second - _guest.Offset("mount", "mnt"));
        SetFile(first, root);
        Assert.Null(Path);
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(4097u)]
    [InlineData(0x8000_0000u)]
    public void A_name_of_absurd_length_is_not_read(uint length)
    {
        var dentry = Dentry(_rootDentry, "x");
        _guest.Set(dentry, "dentry", "d_name.len", length);
        SetFile(_rootMount, dentry);
        Assert.Null(Path);
    }

    [Fact]
    public void A_path_longer_than_the_kernel_allows_is_not_read()
    {
        var dentry = _rootDentry;
        for (var i = 0; i < 100; i++)
            dentry = Dentry(dentry, new string('x', 100));
        SetFile(_rootMount, dentry);
        Assert.Null(Path);
    }

    [Fact]
    public void What_all_paths_of_a_list_cost_is_bounded()
    {
        var deep = _rootDentry;
        for (var i = 0; i < 50; i++)
            deep = Dentry(deep, "d");
        var areas = Enumerable.Range(1, 10).Select(i => _guest.AddArea(_mm, (ulong)i * 0x1000, (ulong)(i + 1) * 0x1000, 1)).ToArray();
        for (var i = 0; i < areas.Length; i++)
        {
            var file = _guest.Allocate("file");
            _guest.Set(file, "file", "f_path.mnt", _rootMount);
            _guest.Set(file, "file", "f_path.dentry", deep);
            _guest.Set(areas[i], "vm_area_struct", "vm_file", file);
            _guest.Set(areas[i], "vm_area_struct", "vm_next", i + 1 < areas.Length ? areas[i + 1] : 0);
        }

        _guest.Set(_mm, "mm_struct", "mmap", areas[0]);
        var regions = _guest.Os.Processes()[0].Regions();
        Assert.Equal(10, regions.Count);
        Assert.Equal(100, regions[0].Path!.Length);
        Assert.InRange(regions.Count(region => region.Path is not null), 2, 6);
        Assert.Contains("too long", regions.Incomplete, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dentry_that_is_not_there_leaves_no_half_path()
    {
        SetFile(_rootMount, Dentry(0xffff_9999_0000_0000, "leaf"));
        Assert.Null(Path);
        SetFile(0xffff_9999_0000_0000, Dentry(_rootDentry, "leaf"));
        Assert.Equal("/leaf", Path);
    }
}
