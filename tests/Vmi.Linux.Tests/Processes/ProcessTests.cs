using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Processes;

public sealed class ProcessTests
{
    private readonly FakeGuest _guest = new();

    private ulong Link(ulong task) => task + _guest.Offset("task_struct", "tasks");

    [Fact]
    public void Processes_are_listed_in_the_order_of_the_kernel_s_list_without_the_idle_task()
    {
        var first = _guest.AddProcess(1, "init");
        _guest.AddProcess(2, "kthreadd");
        _guest.AddProcess(30, "child", first);
        var processes = _guest.Os.Processes();
        Assert.Null(processes.Incomplete);
        Assert.Equal(["1 0 init", "2 0 kthreadd", "30 1 child"], processes.Select(each => $"{each.Id} {each.ParentId} {each.Name}"));
        Assert.Equal("swapper/0", _guest.Os.SystemProcess().Name);
        Assert.Equal(30u, _guest.Os.FindProcess("CHILD")!.Id.Value);
        Assert.Equal("kthreadd", _guest.Os.FindProcess(new ProcessId(2))!.Name);
    }

    [Fact]
    public void A_list_that_goes_in_a_circle_ends_and_what_is_behind_the_circle_is_found_backwards()
    {
        var tasks = Enumerable.Range(1, 5).Select(pid => _guest.AddProcess((uint)pid, $"p{pid}")).ToArray();
        _guest.Write(Link(tasks[2]), Link(tasks[1]));
        var processes = _guest.Os.Processes();
        Assert.Contains("circle", processes.Incomplete, StringComparison.Ordinal);
        Assert.Equal([1u, 2, 3, 4, 5], processes.Select(each => each.Id.Value));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(0x1000UL)]
    [InlineData(0xffff_9999_0000_0000UL)]
    [InlineData(0x8000_0000_0000_0000UL)]
    [InlineData(0xdead_0000_0000_0100UL)]
    public void A_link_that_leads_nowhere_makes_the_list_partial(ulong link)
    {
        var tasks = Enumerable.Range(1, 3).Select(pid => _guest.AddProcess((uint)pid, $"p{pid}")).ToArray();
        _guest.Write(Link(tasks[0]), link);
        var processes = _guest.Os.Processes();
        Assert.NotNull(processes.Incomplete);
        Assert.Equal([1u, 2, 3], processes.Select(each => each.Id.Value));
    }

    [Fact]
    public void A_missing_page_takes_away_one_process_and_not_the_others()
    {
        _guest.AddProcess(1, "init");
        _guest.Allocate(0, 4096);
        var lost = _guest.AddProcess(2, "lost");
        _guest.Allocate(0, 4096);
        _guest.AddProcess(3, "last");
        _guest.Remove(lost);
        var processes = _guest.Os.Processes();
        Assert.Contains("is not there", processes.Incomplete, StringComparison.Ordinal);
        Assert.Equal([1u, 3], processes.Select(each => each.Id.Value));
    }

    [Fact]
    public void A_list_longer_than_the_limit_is_cut()
    {
        var guest = new FakeGuest(limits: new VmiLimits { ListEntries = 10 });
        for (var pid = 1u; pid <= 50; pid++)
            guest.AddProcess(pid, "p");
        var processes = guest.Os.Processes();
        Assert.Contains("more than 10", processes.Incomplete, StringComparison.Ordinal);
        Assert.InRange(processes.Count, 9, 11);
    }

    [Fact]
    public void A_name_without_end_stops_at_its_array_and_odd_bytes_are_escaped()
    {
        var task = _guest.AddProcess(1, "");
        _guest.Write(task + _guest.Offset("task_struct", "comm"), "a\xff\xfe b [red]\n012345"u8[..16]);
        _guest.Write(task + _guest.Offset("task_struct", "comm") + 1, [0xff]);
        var process = Assert.Single(_guest.Os.Processes());
        Assert.Equal(16, process.NameBytes.Length);
        Assert.StartsWith(@"a\xff", process.Name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u, 0u, 'R')]
    [InlineData(1u, 0u, 'S')]
    [InlineData(2u, 0u, 'D')]
    [InlineData(0x402u, 0u, 'I')]
    [InlineData(4u, 0u, 'T')]
    [InlineData(8u, 0u, 't')]
    [InlineData(0x10_0000u, 0x20u, 'Z')]
    [InlineData(0x80u, 0x10u, 'X')]
    [InlineData(0x40u, 0u, 'P')]
    [InlineData(0x8000u, 0u, 'D')]
    [InlineData(uint.MaxValue, uint.MaxValue, 'I')]
    public void The_state_is_the_letter_of_proc(uint state, uint exitState, char letter)
    {
        var task = _guest.AddProcess(1, "init");
        _guest.Set(task, "task_struct", "__state", state);
        _guest.Set(task, "task_struct", "exit_state", exitState);
        Assert.Equal(letter, Assert.Single(_guest.Os.Processes()).State);
    }

    [Fact]
    public void Threads_belong_to_their_process()
    {
        var leader = _guest.AddProcess(7, "leader");
        var second = _guest.AddThread(leader, 8, "second");
        var process = Assert.Single(_guest.Os.Processes());
        Assert.Equal(["7 leader", "8 second"], process.Threads().Select(each => $"{each.Id} {each.Name}"));
        Assert.Equal(7u, _guest.Os.Thread(new ThreadObject(new Va(second))).Process.Id.Value);
        Assert.Equal(8u, _guest.Os.Thread(new ThreadObject(new Va(second))).Id.Value);
    }

    [Fact]
    public void Threads_whose_list_leads_into_another_one_are_partial()
    {
        var leader = _guest.AddProcess(7, "leader");
        var other = _guest.AddProcess(9, "other");
        _guest.Write(leader + _guest.Offset("task_struct", "thread_node"), other + _guest.Offset("task_struct", "thread_node"));
        var threads = _guest.Os.Processes()[0].Threads();
        Assert.NotNull(threads.Incomplete);
        Assert.InRange(threads.Count, 1, 3);
    }

    [Fact]
    public void Credentials_are_all_eight_numbers()
    {
        var task = _guest.AddProcess(1, "init");
        var cred = _guest.Allocate("cred");
        Assert.Null(_guest.Os.Processes()[0].Credentials);
        _guest.Set(task, "task_struct", "real_cred", cred);
        var number = 10u;
        foreach (var field in new[] { "uid", "gid", "euid", "egid", "suid", "sgid", "fsuid", "fsgid" })
            _guest.Set(cred, "cred", field, number++);
        Assert.Equal(new LinuxCredentials(10, 11, 12, 13, 14, 15, 16, 17), _guest.Os.Processes()[0].Credentials);
    }

    [Fact]
    public void A_process_whose_mm_struct_is_not_there_is_still_listed()
    {
        var task = _guest.AddProcess(1, "init");
        _guest.Set(task, "task_struct", "mm", 0xffff_9999_0000_0000);
        var process = Assert.Single(_guest.Os.Processes());
        Assert.NotNull(process.Arguments().Incomplete);
        Assert.NotNull(process.Regions().Incomplete);
        Assert.Null(process.ExecutablePath);
        Assert.Null(process.IsValidAddress(new Va(0x1000)));
        Assert.False(process.TryGetTranslationRoot(out _));
        Assert.Throws<TranslationFaultException>(() => process.TranslationRoot);
    }

    [Fact]
    public void Kernel_threads_have_the_kernel_s_root_and_no_command_line()
    {
        var task = _guest.AddProcess(2, "kthreadd");
        _guest.Set(task, "task_struct", "flags", 0x0020_0000);
        var process = Assert.Single(_guest.Os.Processes());
        Assert.True(process.IsKernelThread);
        Assert.Null(process.CommandLine);
        Assert.Equal(_guest.Kernel.TranslationRoot, process.TranslationRoot);
        Assert.Equal(_guest.Kernel.TranslationRoot, process.UserTranslationRoot);
        Assert.Empty(process.Regions());
    }
}
