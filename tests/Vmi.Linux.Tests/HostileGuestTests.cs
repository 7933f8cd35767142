using System.Diagnostics;
using System.Text;
using Vmi.Amd64;
using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests;

/// <summary>
/// A small but whole guest whose memory is changed at random, mostly by pointers to its own structures, which is where circles come from.
/// Only the documented exceptions may come out, and each round must end soon.
/// </summary>
public sealed class HostileGuestTests
{
    private const int Rounds = 150;
    private static readonly TimeSpan LongestRound = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void Whatever_is_in_memory_every_walk_ends_with_a_result_or_a_documented_exception(int seed, bool isOld)
    {
        var random = new Random(seed);
        var guest = Build(isOld);
        var original = guest.Memory.Bytes.ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            Restore(guest, original, FakeGuest.DirectMap, guest.Used + 0x10000);
            Restore(guest, original, FakeGuest.Image, 0x40000);
            guest.Core.FlushGfnCache();
            guest.Core.FlushV2PCache();
            for (var change = random.Next(1, 30); change > 0; change--)
                Mutate(guest, random);
            var watch = Stopwatch.StartNew();
            WalkAll(guest);
            Assert.True(watch.Elapsed < LongestRound, $"seed {seed} round {round} took {watch.Elapsed}");
        }
    }

    /// <summary>The end comes at any place of any walk; with caches that small nearly each read is one of the driver.</summary>
    [Fact]
    public void Once_the_time_is_up_no_walk_reads_any_more_and_the_lists_say_that_they_are_not_whole()
    {
        var guest = Build(isOld: false);
        var total = Walk(int.MaxValue, out var whole);
        Assert.True(total > 200, $"{total} reads");
        Assert.Equal(0, whole);
        // A page walk that is under way goes on to its last level, and to what it was for: the last of all is as good as done.
        const int UnderWay = 4;
        for (var most = 1; most < total - UnderWay; most += 7)
        {
            Assert.InRange(Walk(most, out var shortfalls), most, most + UnderWay);
            Assert.True(shortfalls > 0, $"{most} of {total} reads");
        }

        int Walk(int most, out int shortfalls)
        {
            var (reads, missing) = (0, 0);
            using var ending = new CancellationTokenSource();
            guest.Memory.BeforeRead = () =>
            {
                if (++reads == most)
                    ending.Cancel();
            };
            using var core = new VmiCore(guest.Memory, new VmiCoreOptions
            {
                TranslationCacheEntries = 1,
                PageCacheEntries = 1,
                ReadingEnds = ending.Token,
            });
            var os = new LinuxOs(core, guest.Kernel);
            Count(os.Modules());
            Count(os.Log());
            foreach (var process in Count(os.Processes()))
            {
                Count(process.Threads());
                Count(process.Regions());
                Count(process.Files());
                Count(process.Sockets());
                Count(process.Mounts());
            }

            Count(os.Processes());
            shortfalls = missing;
            return reads;

            IVmiList<T> Count<T>(IVmiList<T> list)
            {
                missing += list.Incomplete is null ? 0 : 1;
                return list;
            }
        }
    }

    [Fact]
    public void The_unchanged_guest_is_whole()
    {
        var guest = Build(isOld: false);
        Assert.Null(guest.Os.Processes().Incomplete);
        Assert.All(guest.Os.Processes(), process => Assert.Null(process.Regions().Incomplete));
        Assert.Equal(8, guest.Os.Processes()[0].Regions().Count);
        Assert.All(guest.Os.Processes(), process =>
        {
            Assert.Equal((3, 1, 1), (process.Files().Count, process.Sockets().Count, process.Mounts().Count));
            Assert.Equal((null, null, null), (process.Files().Incomplete, process.Sockets().Incomplete, process.Mounts().Incomplete));
        });
        Assert.Null(guest.Os.Log().Incomplete);
        Assert.Single(guest.Os.Log());
    }

    private static void Restore(FakeGuest guest, byte[] original, ulong start, int length)
    {
        var at = (int)FakeGuest.Physical(start);
        original.AsSpan(at, length).CopyTo(guest.Memory.Bytes.AsSpan(at));
    }

    private static void Mutate(FakeGuest guest, Random random)
    {
        var isImage = random.Next(8) == 0;
        var at = isImage ? FakeGuest.InitTask + (ulong)random.Next(0xc000) : FakeGuest.DirectMap + 0x10000 + (ulong)random.Next(guest.Used);
        var value = random.Next(6) switch
        {
            0 => 0UL,
            1 => ulong.MaxValue,
            2 => (ulong)random.NextInt64(),
            3 => FakeGuest.DirectMap + (ulong)random.Next(16 << 20),
            _ => FakeGuest.DirectMap + 0x10000 + (ulong)random.Next(guest.Used & ~7),
        };
        guest.Write(at & ~7UL, random.Next(4) == 0 ? value : value & ~7UL);
    }

    private static void WalkAll(FakeGuest guest)
    {
        var os = guest.Os;
        var registers = new Amd64Registers(
            Amd64RegisterGroups.General | Amd64RegisterGroups.Control | Amd64RegisterGroups.Efer | Amd64RegisterGroups.Segments)
        {
            Cr0 = 0x8000_0001,
            Cr3 = 0x1000,
            Cr4 = 0x20,
            Efer = 0xd00,
            Rip = FakeGuest.SysExecve,
            Rdi = FakeGuest.DirectMap + 0x10000,
            Gs = new SegmentDescriptor(default, FakeGuest.DirectMap + 0x10000, 0, 0),
        };
        var bound = guest.Session.WithRegisters(registers).Os;
        Try(() => bound.CurrentProcess().Threads());
        Try(() => bound.SyscallArgument(2));
        Try(() => bound.FunctionArgument(9));
        Try(() => os.Log().Select(each => each.ToString()).ToList());
        Try(() => os.Modules().Select(each => (each.UsedBy(), each.Version, each.SourceVersion)).ToList());
        Try(() => os.Handlers());
        Try(() => (os.Uptime, os.BootTime, os.KernelRelease, os.HostName, os.KernelCommandLine));
        Try(() => os.Image(new Va(FakeGuest.DirectMap + 0x10000)).Exports());
        foreach (var process in os.Processes().Take(20))
        {
            Try(() => process.TranslationRoot);
            Try(() => process.UserTranslationRoot);
            Try(() => process.Architecture);
            Try(() => process.ImageBase);
            Try(() => (process.ExecutablePath, process.CommandLine, process.Credentials, process.StartedAt, process.StartTime));
            Try(() => process.Threads().Select(each => each.Process).ToList());
            Try(() => process.LookupRegion(new Va(0x3000)));
            Try(() => process.IsValidAddress(new Va(0x3000)));
            foreach (var region in process.Regions().Take(20))
                Try(() => os.Region(region.Object));
            Try(() => process.UserModules());
            Try(() => (process.WorkingDirectory, process.RootDirectory, process.Environment()));
            Try(() => process.Files().Select(each => (each.Path, each.Kind)).ToList());
            Try(() => process.Sockets());
            Try(() => process.Mounts().Select(each => (each.Options, each.SuperOptions)).ToList());
        }
    }

    private static void Try<T>(Func<T> read)
    {
        try
        {
            read();
        }
        catch (Exception exception) when (exception is TranslationFaultException or VmiFormatException or VmiNotSupportedException)
        {
            // Documented.
        }
    }

    private static FakeGuest Build(bool isOld)
    {
        var guest = new FakeGuest(isOld, new VmiLimits { ListEntries = 500, StringBytes = 4096 });
        var root = guest.Allocate("dentry");
        guest.Set(root, "dentry", "d_parent", root);
        var mount = guest.Allocate("mount");
        guest.Set(mount, "mount", "mnt_parent", mount);
        guest.Set(mount, "mount", "mnt.mnt_root", root);
        for (var pid = 1u; pid <= 4; pid++)
        {
            var task = guest.AddProcess(pid, $"process {pid}");
            guest.AddThread(task, pid + 100, "thread");
            AddMemory(guest, guest.AddSpace(task), root, mount + guest.Offset("mount", "mnt"), isOld);
            AddFiles(guest, task, root, mount + guest.Offset("mount", "mnt"));
            AddMounts(guest, task, root, mount, isOld);
        }

        for (var i = 0; i < 3; i++)
        {
            var module = guest.Allocate("module");
            guest.LinkLast(FakeGuest.Modules, module + guest.Offset("module", "list"));
            guest.LinkEmpty(module + guest.Offset("module", "source_list"));
        }

        AddLog(guest);
        return guest;
    }

    private static void AddMemory(FakeGuest guest, ulong mm, ulong root, ulong mount, bool isOld)
    {
        var dentry = guest.Allocate("dentry");
        guest.Set(dentry, "dentry", "d_parent", root);
        guest.Set(dentry, "dentry", "d_name.len", 4);
        guest.Set(dentry, "dentry", "d_name.name", guest.Text("file"));
        var file = guest.Allocate("file");
        guest.Set(file, "file", "f_path.mnt", mount);
        guest.Set(file, "file", "f_path.dentry", dentry);
        guest.Set(mm, "mm_struct", "exe_file", file);
        guest.Set(mm, "mm_struct", "arg_start", 0x1000);
        guest.Set(mm, "mm_struct", "arg_end", 0x1040);
        var areas = Enumerable.Range(1, 8).Select(i => guest.AddArea(mm, (ulong)i * 0x1000, (ulong)(i + 1) * 0x1000, (ulong)i)).ToArray();
        for (var i = 0; i < areas.Length; i++)
        {
            guest.Set(areas[i], "vm_area_struct", "vm_file", file);
            if (isOld && i > 0)
                guest.Set(areas[i - 1], "vm_area_struct", "vm_next", areas[i]);
        }

        if (isOld)
        {
            guest.Set(mm, "mm_struct", "mmap", areas[0]);
            return;
        }

        var leaf = guest.Allocate(256, 256);
        var top = guest.Allocate(256, 256);
        for (var i = 0; i < areas.Length; i++)
        {
            guest.Write(leaf + guest.Offset("maple_range_64", "pivot") + (ulong)(i + 1) * 8, (ulong)(i + 2) * 0x1000 - 1);
            guest.Write(leaf + guest.Offset("maple_range_64", "slot") + (ulong)(i + 1) * 8, areas[i]);
        }

        guest.Write(leaf + guest.Offset("maple_range_64", "pivot"), 0xfff);
        guest.Write(top + guest.Offset("maple_arange_64", "slot"), leaf | 1 << 3 | 4);
        guest.Write(top + guest.Offset("maple_arange_64", "pivot"), ulong.MaxValue);
        guest.Set(mm, "mm_struct", "mm_mt.ma_root", top | 3 << 3 | 4 | 2);
    }

    private static void AddFiles(FakeGuest guest, ulong task, ulong root, ulong mount)
    {
        var files = guest.Allocate("files_struct");
        var table = guest.Allocate("fdtable");
        var array = guest.Allocate(64 * 8);
        guest.Set(task, "task_struct", "files", files);
        guest.Set(files, "files_struct", "fdt", table);
        guest.Set(table, "fdtable", "max_fds", 64);
        guest.Set(table, "fdtable", "fd", array);
        guest.Set(table, "fdtable", "close_on_exec", guest.Allocate(8));
        for (ulong i = 0; i < 3; i++)
        {
            var inode = guest.Allocate("inode");
            var file = guest.Allocate("file");
            guest.Set(inode, "inode", "i_mode", i == 2 ? 0xC000u : 0x8000u);
            guest.Set(file, "file", "f_inode", inode);
            guest.Set(file, "file", "f_path.mnt", mount);
            guest.Set(file, "file", "f_path.dentry", root);
            guest.Write(array + i * 16, file);
            if (i == 2)
                AddSocket(guest, file);
        }
    }

    private static void AddSocket(FakeGuest guest, ulong file)
    {
        var socket = guest.Allocate("socket");
        var sock = guest.Allocate("unix_sock");
        var name = guest.Allocate(128);
        var network = guest.Allocate("net");
        guest.Set(file, "file", "private_data", socket);
        guest.Set(socket, "socket", "file", file);
        guest.Set(socket, "socket", "sk", sock);
        guest.Set(sock, "sock", "__sk_common.skc_family", 1);
        guest.Set(sock, "sock", "__sk_common.skc_net.net", network);
        guest.Set(sock, "unix_sock", "addr", name);
        guest.Set(name, "unix_address", "len", 30);
    }

    private static void AddMounts(FakeGuest guest, ulong task, ulong root, ulong mount, bool isOld)
    {
        var fs = guest.Allocate("fs_struct");
        var proxy = guest.Allocate("nsproxy");
        var space = guest.Allocate("mnt_namespace");
        var super = guest.Allocate("super_block");
        var type = guest.Allocate("file_system_type");
        guest.Set(task, "task_struct", "fs", fs);
        guest.Set(fs, "fs_struct", "root.mnt", mount + guest.Offset("mount", "mnt"));
        guest.Set(fs, "fs_struct", "root.dentry", root);
        guest.Set(task, "task_struct", "nsproxy", proxy);
        guest.Set(proxy, "nsproxy", "mnt_ns", space);
        guest.Set(mount, "mount", "mnt.mnt_sb", super);
        guest.Set(super, "super_block", "s_type", type);
        guest.Set(type, "file_system_type", "name", guest.Text("tmpfs"));
        if (!isOld)
        {
            guest.Set(space, "mnt_namespace", "mounts.rb_node", mount + guest.Offset("mount", "mnt_node"));
            return;
        }

        // All four share the mount, which is on one list only: the last one's.
        guest.LinkEmpty(space + guest.Offset("mnt_namespace", "list"));
        guest.LinkLast(space + guest.Offset("mnt_namespace", "list"), mount + guest.Offset("mount", "mnt_list"));
    }

    private static void AddLog(FakeGuest guest)
    {
        var ring = guest.Allocate("printk_ringbuffer");
        var descriptors = guest.Allocate(24 * 16);
        var data = guest.Allocate(256);
        guest.Write(FakeGuest.Prb, ring);
        guest.Set(ring, "printk_ringbuffer", "desc_ring.count_bits", 4);
        guest.Set(ring, "printk_ringbuffer", "desc_ring.descs", descriptors);
        guest.Set(ring, "printk_ringbuffer", "desc_ring.infos", guest.Allocate(32 * 16));
        guest.Set(ring, "printk_ringbuffer", "text_data_ring.size_bits", 8);
        guest.Set(ring, "printk_ringbuffer", "text_data_ring.data", data);
        guest.Set(descriptors, "prb_desc", "state_var", 2UL << 62);
        guest.Set(descriptors, "prb_desc", "text_blk_lpos.next", 32);
        guest.Write(data + 8, Encoding.ASCII.GetBytes("a record"));
    }
}
