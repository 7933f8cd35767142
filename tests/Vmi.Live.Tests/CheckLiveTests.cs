using Vmi.Cli.Tests;
using Vmi.Guests;
using Vmi.Linux;
using Vmi.Targets;

namespace Vmi.Live.Tests;

/// <summary>`vmi check`: nothing in a guest that nobody changed; and in one whose memory was, exactly that.</summary>
public sealed class CheckLiveTests(GuestFleet fleet)
{
    private const int Found = 4;

    [Theory]
    [MemberData(nameof(GuestFleet.Names), MemberType = typeof(GuestFleet))]
    public void A_guest_that_nobody_changed_is_clean(string name)
    {
        var guest = fleet[name];
        using var target = VmiTarget.Open(guest.Target);
        var session = LinuxOs.Introspect(target.Core);
        var file = LinuxKernelFile.Load(GuestImages.Get(guest.Spec.Kernel).Kernel);
        // At other moments it does other things.
        for (var i = 0; i < 3; i++)
        {
            using var paused = session.PauseGuard();
            CheckComparisons.Compare(paused.State.Os, file);
        }

        // Nothing is given: the file is in the guest's page cache.
        foreach (var check in VmiCommandLine.Run("check", guest.Elf, "--json").Json.EnumerateArray())
            Assert.Equal("clean", check.GetProperty("result").GetString());
        Assert.True(guest.Guest.Monitor.IsRunning);
    }

    /// <summary>Of all files only a migration stream has LSTAR.</summary>
    [Fact]
    public void With_the_registers_of_SYSCALL_all_entries_are_checked()
    {
        using var target = VmiTarget.Open(fleet["Isolated61"].Files.Single(file => file.EndsWith(".migrate", StringComparison.Ordinal)));
        var checks = LinuxOs.Detect(target.Core).Check();
        Assert.All(checks, check => Assert.Empty(check.Findings));
        Assert.All(checks, check => Assert.Empty(check.NotChecked));
    }

    [Theory]
    [InlineData("Isolated61")]
    [InlineData("Forged612")]
    public void What_was_changed_is_found_and_nothing_else(string name)
    {
        var guest = fleet[name];
        var jail = (uint)guest.Truth.InRole("jail").Id;
        using var file = new PatchedVmcore(guest.Elf);
        // In a function, behind the call of the tracer; and at its start, where only the tracer may stand.
        AssertFound(file, LinuxCheckKind.TextContent, "the code at commit_creds+0x9 was changed: cc",
            kernel => kernel.Write(kernel.Symbol("commit_creds") + 9, 0xcc, 1));
        AssertFound(file, LinuxCheckKind.TextContent, "the code at commit_creds",
            kernel => kernel.Write(kernel.Symbol("commit_creds"), 0x0011_2233_e9, 5));
        using (var kernel = new PatchedKernel(file))
            HideKernelFile(kernel);
        file.Keep();
        AssertFound(file, LinuxCheckKind.Processes, $"process {jail} (zoo) is in the table of pids, and not in the list of tasks",
            kernel => kernel.Unlink(kernel.Field(kernel.Task(jail), "task_struct", "tasks")));
        AssertFound(file, LinuxCheckKind.Processes, $"process {jail} (zoo) is in the list of tasks, and not in the table of pids",
            kernel => RemovePid(kernel, jail));

        AssertFound(file, LinuxCheckKind.Modules,
            "module dummy is in the tree of module addresses and /sys/module, and not in the list of modules",
            kernel => kernel.Unlink(kernel.Field(kernel.Module("dummy").Object, "module", "list")));
        AssertFound(file, LinuxCheckKind.Modules, "module dummy is in the list of modules, and not in /sys/module",
            kernel => kernel.Unlink(kernel.Field(kernel.Module("dummy").Object, "module", "mkobj.kobj.entry")));
        AssertFound(file, LinuxCheckKind.Modules,
            "module dummy is in /sys/module, and marked as not formed, which hides it from /proc/modules",
            kernel => kernel.Write(
                kernel.Field(kernel.Module("dummy").Object, "module", "state"), (ulong)LinuxModuleState.Unformed, sizeof(uint)));

        AssertFound(file, LinuxCheckKind.Syscalls, "system call 59 leads to the module dummy, at ",
            kernel => kernel.Write(kernel.Symbol("sys_call_table") + 59 * 8, kernel.Module("dummy").BaseAddress.Value));
        AssertFound(file, LinuxCheckKind.Syscalls, "system call 60 leads to commit_creds, which is no system call",
            kernel => kernel.Write(kernel.Symbol("sys_call_table") + 60 * 8, kernel.Symbol("commit_creds").Value));
        AssertFound(file, LinuxCheckKind.Syscalls, "system call 61 leads to nobody's code, at 0xffff8000dead0000",
            kernel => kernel.Write(kernel.Symbol("sys_call_table") + 61 * 8, 0xffff_8000_dead_0000));

        // The upper half of the gate's offset.
        AssertFound(file, LinuxCheckKind.Interrupts, "vector 14 leads to nobody's code, at ",
            kernel => kernel.Write(kernel.Symbol("idt_table") + 14 * 16 + 8, 0xffff_c0de, sizeof(uint)));
        AssertFound(file, LinuxCheckKind.TextMapping, "the code at ", kernel => kernel.SetEntryBits(kernel.Symbol("_stext"), 2));
    }

    [Fact]
    public void One_that_runs_is_found_though_it_is_in_neither_list_nor_table()
    {
        var guest = fleet["Isolated61"];
        var spinner = (uint)guest.Truth.InRole("spinner").Id;
        using var file = new PatchedVmcore(guest.Elf);
        using (var kernel = new PatchedKernel(file))
            HideKernelFile(kernel);
        file.Keep();
        AssertFound(file, LinuxCheckKind.Processes, $"process {spinner} (zoo) is in the run queue of CPU ",
            kernel =>
            {
                RemovePid(kernel, spinner);
                kernel.Unlink(kernel.Field(kernel.Task(spinner), "task_struct", "tasks"));
            });
    }

    /// <summary>Where only one check matters, the code is not compared: unpacking the kernel takes a second.</summary>
    private static void HideKernelFile(PatchedKernel kernel)
    {
        Assert.True(kernel.Os.FindProcess(new ProcessId(1))!.TryFindFile("/boot/vmlinuz", out var file, out var reason), reason);
        kernel.Write(kernel.Field(file.Object, "inode", "i_size"), 0);
    }

    private static void RemovePid(PatchedKernel kernel, uint pid) =>
        kernel.Write(kernel.Field(kernel.Pointer(kernel.Field(kernel.Task(pid), "task_struct", "thread_pid")), "pid", "tasks"), 0);

    /// <summary>Makes a change, asks the library and the command, and undoes it.</summary>
    private static void AssertFound(PatchedVmcore file, LinuxCheckKind kind, string description, Action<PatchedKernel> change)
    {
        using (var kernel = new PatchedKernel(file))
            change(kernel);
        using (var target = VmiTarget.Open(file.Path))
        {
            var checks = LinuxOs.Detect(target.Core).Check();
            var found = Assert.Single(checks.SelectMany(check => check.Findings.Select(finding => (check.Kind, finding.Description))));
            Assert.Equal(kind, found.Kind);
            Assert.StartsWith(description, found.Description);
            Assert.All(checks, check => Assert.Null(check.Incomplete));
        }

        var (exitCode, output, _) = VmiCommandLine.Run("check", file.Path);
        Assert.Equal(Found, exitCode);
        Assert.Contains(description, output);
        file.Restore();
    }
}
