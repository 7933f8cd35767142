using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Files;

/// <summary>Files found by their path, and their content in the page cache.</summary>
public sealed class CachedFileTests
{
    private const ulong Regular = 0x81a4, Directory = 0x41ed, Link = 0xa1ff, Tmpfs = 0x01021994, Disk = 0xEF53;
    private const ulong UpToDate = 1 << 3, Internal = 2;

    private readonly FakeGuest _guest;
    private readonly bool _isOld;
    private readonly ulong _task;
    private readonly ulong _root;
    private readonly ulong _mount;
    private ulong _frame = 0x200;

    public CachedFileTests()
        : this(isOld: false)
    {
    }

    private CachedFileTests(bool isOld)
    {
        _isOld = isOld;
        _guest = new FakeGuest(isOld, limits: VmiLimits.Default with { ListEntries = 300 });
        _task = _guest.AddProcess(1, "init");
        _root = Dentry(null, "/", Directory);
        _mount = Mount(_root);
        var fs = _guest.Allocate("fs_struct");
        _guest.Set(_task, "task_struct", "fs", fs);
        _guest.Set(fs, "fs_struct", "root.mnt", _mount + _guest.Offset("mount", "mnt"));
        _guest.Set(fs, "fs_struct", "root.dentry", _root);
    }

    private LinuxProcess Process => _guest.Os.Processes()[0];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_path_leads_over_directories_mounts_and_links(bool isOld)
    {
        var guest = new CachedFileTests(isOld);
        var directory = guest.Dentry(guest._root, "directory", Directory);
        var other = guest.Dentry(null, "/", Directory);
        guest.Mount(other, guest._mount, directory);
        guest.Dentry(directory, "file", Regular, size: 1);
        guest.Dentry(other, "file", Regular, size: 2);
        guest.Dentry(guest._root, "plain", Regular, size: 3);
        guest.LinkTo(guest.Dentry(other, "up", Link), "../plain");
        guest.LinkTo(guest.Dentry(guest._root, "there", Link), "/directory/./up");
        Assert.Equal((2UL, "/directory/file"), guest.Find("/directory/file"));
        Assert.Equal((3UL, "/plain"), guest.Find("directory//up"));
        Assert.Equal((3UL, "/plain"), guest.Find("/there"));
        Assert.Equal((3UL, "/plain"), guest.Find("/../directory/../plain"));
        Assert.True(guest.Process.TryFindFile("/", out var root, out _));
        Assert.Equal(["/directory", "/plain", "/there"], root.Entries().Select(each => each.Path).Order());
    }

    [Fact]
    public void What_is_not_cached_or_was_removed_or_never_was_is_not_found()
    {
        _guest.Set(Dentry(_root, "removed", Regular), "dentry", "d_hash.pprev", 0);
        _guest.Set(Dentry(_root, "negative", Regular), "dentry", "d_inode", 0);
        foreach (var name in new[] { "removed", "negative", "none", "none/below" })
        {
            Assert.False(Process.TryFindFile(name, out _, out var reason));
            Assert.Equal($"/{name.Split('/')[0]} is not in the kernel's cache of names", reason);
        }
    }

    [Fact]
    public void Links_in_a_circle_and_names_in_a_circle_end()
    {
        LinkTo(Dentry(_root, "self", Link), "self");
        Assert.False(Process.TryFindFile("self", out _, out var reason));
        Assert.Contains("more than 40 symbolic links", reason);
        LinkTo(Dentry(_root, "grows", Link), "grows/a/b/c");
        Assert.False(Process.TryFindFile("grows", out _, out reason));
        Assert.Contains("more than 40 symbolic links", reason);
        var first = Dentry(_root, "first", Regular);
        _guest.Write(first + _guest.Offset("dentry", "d_sib"), first + _guest.Offset("dentry", "d_sib"));
        Assert.False(Process.TryFindFile("none", out _, out reason));
        Assert.Contains("goes in a circle", reason);
        Assert.False(Process.TryFindFile(new string('a', 5000), out _, out reason));
        Assert.Equal("the path is too long", reason);
    }

    [Fact]
    public void A_mount_on_itself_ends()
    {
        var directory = Dentry(_root, "directory", Directory);
        var mount = Mount(directory, _mount, directory);
        _guest.LinkLast(mount + _guest.Offset("mount", "mnt_mounts"), mount + _guest.Offset("mount", "mnt_child"));
        Assert.True(Process.TryFindFile("directory", out _, out _));
    }

    [Fact]
    public void A_directory_without_end_is_cut_and_says_so()
    {
        for (var i = 0; i < 400; i++)
            Dentry(_root, $"file {i}", Regular);
        Assert.True(Process.TryFindFile("/", out var root, out _));
        Assert.Contains("300", root.Entries().Incomplete);
        Assert.False(Process.TryFindFile("none", out _, out _));
    }

    [Fact]
    public void Content_is_what_the_pages_hold_and_the_rest_is_missing()
    {
        var (file, mapping) = File("file", (6 * Frame.Size) + 100, Disk);
        var first = Page(mapping, 1, 0x11);
        var second = Page(mapping, 2, 0x22);
        var last = Page(mapping, 6, 0x66);
        var stale = Page(mapping, 4, 0x44, flags: 0);
        Head(mapping, Node(0, (1, first), (2, second), (3, (5 << 1) | 1), (4, stale), (6, last), (9, Page(mapping, 9, 0x99))));
        var content = Content("file");
        Assert.Null(content.Incomplete);
        Assert.Equal([new(0x1000, 0x2000), new(0x6000, 100)], content.Cached);
        Assert.Equal([new(0, 0x1000), new(0x3000, 0x3000)], content.Missing);
        Assert.Equal(0x2064UL, content.CachedBytes);
        var bytes = new byte[4];
        Assert.True(content.TryRead(0x1ffe, bytes));
        Assert.Equal([0x11, 0x11, 0x22, 0x22], bytes);
        Assert.False(content.TryRead(0x2ffe, bytes));
        Assert.Equal([0x22, 0x22, 0, 0], bytes);
        Assert.False(content.TryRead(0x6000 + 98, bytes));
        using var copy = new MemoryStream();
        Assert.Equal(content.Missing, content.CopyTo(copy));
        Assert.Equal((int)content.Size, copy.Length);
        Assert.Equal([0, 0x11, 0x22, 0, 0, 0, 0x66], copy.ToArray().Where((_, i) => i % Frame.Size == 7));
        Assert.NotEqual(0UL, file);

        // The memory file lacks a page that the kernel has.
        _guest.Memory.Remove(PlaceOf(second));
        Assert.Equal([.. content.Missing, new(0x2000, 0x1000)], content.CopyTo(copy));
    }

    [Fact]
    public void A_hole_in_a_file_that_is_in_memory_only_is_zero_but_not_what_was_swapped_out()
    {
        var (_, mapping) = File("file", 5 * Frame.Size, Tmpfs);
        Head(mapping, Node(0, (1, Page(mapping, 1, 0x11)), (2, Page(mapping, 2, 0x22, flags: 0)), (3, (77 << 1) | 1)));
        Assert.Equal([new(0x3000, 0x1000)], Content("file").Missing);
        Head(mapping, Node(0, (1, Page(mapping, 1, 0x11)), (2, 0xffff_9999_0000_0000)));
        Assert.Contains("is none of it", Content("file").Incomplete);
        Assert.Equal([new(0, 0x1000), new(0x2000, 0x3000)], Content("file").Missing);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_large_page_stands_once_or_at_each_of_its_indices(bool isOld)
    {
        var guest = new CachedFileTests(isOld);
        var (_, mapping) = guest.File("file", 20 * Frame.Size, Tmpfs);
        var head = guest.Page(mapping, 8, 0x88, count: 4);
        var sibling = (8UL << 2) | Internal;
        guest.Head(mapping, isOld
            ? guest.Node(0, (8, head), (9, head), (10, head), (11, head))
            : guest.Node(0, (8, head), (9, sibling), (10, sibling), (11, sibling)));
        Assert.Equal([new(0x8000, 0x4000)], guest.Content("file").Cached);
        var page = new byte[2];
        Assert.True(guest.Content("file").TryRead(0xb000 - 1, page));
        Assert.Equal([0x8a, 0x8b], page);
    }

    [Fact]
    public void A_page_of_another_file_is_none_of_this_one()
    {
        var (_, mapping) = File("file", 5 * Frame.Size, Disk);
        Head(mapping, Node(0, (1, Page(mapping + 64, 1, 0x11)), (2, Page(mapping, 1UL << 40, 0x11)), (3, Page(mapping, 3, 3) + 8)));
        var content = Content("file");
        Assert.Empty(content.Cached);
        Assert.Contains("and 2 more", content.Incomplete);
        Assert.Equal([new(0, 0x5000)], content.Missing);
    }

    [Fact]
    public void A_size_that_makes_no_sense_costs_nothing()
    {
        File("negative", ulong.MaxValue, Disk);
        Assert.Contains("makes no sense", Content("negative").Incomplete);
        File("vast", long.MaxValue, Disk);
        Assert.Equal([new(0, long.MaxValue)], Content("vast").Missing);
    }

    private (ulong Size, string? Path) Find(string path)
    {
        Assert.True(Process.TryFindFile(path, out var file, out var reason), reason);
        return (file.Size, file.Path);
    }

    private LinuxFileContent Content(string path)
    {
        Assert.True(Process.TryFindFile(path, out var file, out var reason), reason);
        return file.Content();
    }

    private ulong Mount(ulong root, ulong parent = 0, ulong place = 0)
    {
        var mount = _guest.Allocate("mount");
        _guest.Set(mount, "mount", "mnt.mnt_root", root);
        _guest.Set(mount, "mount", "mnt_parent", parent == 0 ? mount : parent);
        _guest.Set(mount, "mount", "mnt_mountpoint", parent == 0 ? root : place);
        _guest.LinkEmpty(mount + _guest.Offset("mount", "mnt_mounts"));
        if (parent != 0)
            _guest.LinkLast(parent + _guest.Offset("mount", "mnt_mounts"), mount + _guest.Offset("mount", "mnt_child"));
        return mount;
    }

    private ulong Dentry(ulong? parent, string name, ulong mode, ulong size = 0)
    {
        var dentry = _guest.Allocate("dentry");
        _guest.Set(dentry, "dentry", "d_parent", parent ?? dentry);
        _guest.Set(dentry, "dentry", "d_name.len", (ulong)name.Length);
        _guest.Set(dentry, "dentry", "d_name.name", _guest.Text(name));
        _guest.Set(dentry, "dentry", "d_hash.pprev", FakeGuest.DirectMap);
        var inode = _guest.Allocate("inode");
        _guest.Set(inode, "inode", "i_mode", mode);
        _guest.Set(inode, "inode", "i_size", size);
        _guest.Set(dentry, "dentry", "d_inode", inode);
        if (_isOld)
            _guest.LinkEmpty(dentry + _guest.Offset("dentry", "d_subdirs"));
        if (parent is not { } above)
            return dentry;
        if (_isOld)
        {
            _guest.LinkLast(above + _guest.Offset("dentry", "d_subdirs"), dentry + _guest.Offset("dentry", "d_child"));
        }
        else
        {
            var head = above + _guest.Offset("dentry", "d_children");
            _guest.Write(dentry + _guest.Offset("dentry", "d_sib"), _guest.Read(head));
            _guest.Write(head, dentry + _guest.Offset("dentry", "d_sib"));
        }

        return dentry;
    }

    private void LinkTo(ulong dentry, string target) =>
        _guest.Set(_guest.Read(dentry + _guest.Offset("dentry", "d_inode")), "inode", "i_link", _guest.Text(target));

    private (ulong Inode, ulong Mapping) File(string name, ulong size, ulong magic)
    {
        var inode = _guest.Read(Dentry(_root, name, Regular, size) + _guest.Offset("dentry", "d_inode"));
        var mapping = _guest.Allocate("address_space");
        var super = _guest.Allocate("super_block");
        _guest.Set(super, "super_block", "s_magic", magic);
        _guest.Set(inode, "inode", "i_sb", super);
        _guest.Set(inode, "inode", "i_mapping", mapping);
        return (inode, mapping);
    }

    /// <summary>A `struct page` for the next frames of the direct map; each frame is filled with a byte, which counts up.</summary>
    private ulong Page(ulong mapping, ulong index, byte content, ulong flags = UpToDate, int count = 1)
    {
        var page = FakeGuest.PageArray + _frame * 32;
        for (var i = 0; i < count; i++)
            _guest.Memory.Bytes.AsSpan((int)((_frame + (ulong)i) * Frame.Size), Frame.Size).Fill((byte)(content + i));
        _guest.Set(page, "page", "flags", flags);
        _guest.Set(page, "page", "mapping", mapping);
        _guest.Set(page, "page", "index", index);
        _frame += (ulong)count;
        return page;
    }

    private static Pa PlaceOf(ulong page) => new((page - FakeGuest.PageArray) / 32 * Frame.Size);

    private void Head(ulong mapping, ulong node) => _guest.Set(mapping, "address_space", "i_pages.xa_head", node | Internal);

    private ulong Node(ulong shift, params (int Slot, ulong Entry)[] entries)
    {
        var node = _guest.Allocate("xa_node");
        _guest.Set(node, "xa_node", "shift", shift);
        foreach (var (slot, entry) in entries)
            _guest.Write(node + _guest.Offset("xa_node", "slots") + ((ulong)slot * 8), entry);
        return node;
    }
}
