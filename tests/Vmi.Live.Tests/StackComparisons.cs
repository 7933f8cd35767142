using System.Globalization;
using Vmi.Amd64;
using Vmi.Guests;
using Vmi.Linux;

namespace Vmi.Live.Tests;

/// <summary>
/// Kernel stacks against /proc/PID/stack and /proc/PID/syscall. A thread counts that waited when it was looked at and has not been switched
/// to since (`nvcsw` and `nivcsw` are the same): its stack can't have changed.
/// </summary>
internal static class StackComparisons
{
    private const int FewestKernelThreads = 15;
    private const ulong UserCode64 = 0x33; // __USER_CS

    // Where a stack begins that no program is below: the start of a CPU, and of a thread.
    private static readonly string[] s_beginnings =
        ["ret_from_fork", "ret_from_fork_asm", "secondary_startup_64_no_verify", "common_startup_64", "x86_64_start_kernel"];

    public static void Compare(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var os = paused.State.Os;
        var symbols = Symbols(truth);
        var processes = os.Processes().ToDictionary(process => process.Id.Value);
        var (kernelThreads, userThreads, expectedUserThreads) = (0, 0, 0);
        foreach (var expectedProcess in truth.Processes.Where(process => process.Id != GuestTruth.PrinterId))
        {
            if (!processes.TryGetValue((uint)expectedProcess.Id, out var process))
                continue;
            var threads = process.Threads().ToDictionary(thread => thread.Id.Value);
            foreach (var expected in expectedProcess.Threads.Where(thread => thread.State is not ('R' or 'Z' or 'X')))
            {
                expectedUserThreads += expectedProcess.IsKernelThread ? 0 : 1;
                if (!threads.TryGetValue((uint)expected.Id, out var thread) || Switches(paused.State, os, thread) != expected.Switches)
                    continue;
                CompareStack(truth, symbols, expected, thread);
                if (expectedProcess.IsKernelThread)
                {
                    kernelThreads++;
                    Assert.All(thread.KernelStack(), frame => Assert.False(frame.IsUserMode));
                    continue;
                }

                userThreads++;
                CompareSyscall(expected, thread);
            }
        }

        var cut = new List<string>();
        for (ushort vcpu = 0; session.Supports<IVmiQueryRegisters>() && vcpu < session.Info.Vcpus; vcpu++)
            CheckVcpu(session, (Amd64Registers)session.GetRegisters(new VcpuId(vcpu)), [], cut);
        Assert.Empty(cut);
        // Those of the zoo wait for ever, all of them; of the kernel's own, many do.
        Assert.Equal(expectedUserThreads, userThreads);
        Assert.True(userThreads > 10 && kernelThreads >= FewestKernelThreads, $"{userThreads} and {kernelThreads} compared");
    }

    /// <summary>
    /// What the kernel's threads run: where the guest's own stack of one ends in `kthread`, the function that this called stands before it.
    /// </summary>
    public static void CompareFunctions(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var found = paused.State.Os.KernelThreads();
        Assert.Null(found.Incomplete);
        var functions = found.ToDictionary(each => each.Thread.Id.Value);
        var keepsFunctions = paused.State.Os.Kernel.Profile.HasField("kthread", "threadfn");
        var compared = 0;
        foreach (var thread in truth.Processes.Where(process => process.IsKernelThread).SelectMany(process => process.Threads))
        {
            var top = thread.Stack.ToList().FindIndex(frame => frame.Symbol == "kthread");
            if (!keepsFunctions || top < 1 || !functions.TryGetValue((uint)thread.Id, out var own) || own.Thread.Name != thread.Name)
                continue;
            var expected = thread.Stack[top - 1];
            Assert.Equal((thread.Name, expected.Symbol, expected.Module), (own.Thread.Name, own.Function!.Symbol, own.Function.Module));
            Assert.Equal(expected.Module is null, own.Function.IsInKernelText);
            compared++;
        }

        Assert.True(compared >= (keepsFunctions ? FewestKernelThreads : 0), $"{compared} compared");
        Assert.Null(found.Single(each => each.Thread.Name == "kthreadd").Work);
    }

    /// <summary>A vCPU, stopped anywhere: its stack reaches the entry into the kernel, or where a thread or a CPU begins.</summary>
    /// <param name="session">The session.</param>
    /// <param name="registers">The vCPU's.</param>
    /// <param name="ends">How many stacks ended where.</param>
    /// <param name="cut">Those that say that they are not whole.</param>
    public static void CheckVcpu(VmiSession<LinuxOs> session, Amd64Registers registers, Dictionary<string, int> ends, List<string> cut)
    {
        var os = session.WithRegisters(registers).Os;
        var stack = os.KernelStack();
        var all = string.Join("\n", stack.Select(frame => $"{frame.StackPointer} {frame.Address} {frame}"));
        var last = stack[^1];
        Assert.Equal(registers.Rip, stack[0].Address.Value);
        if (registers.Cs.Selector.Rpl == 3)
        {
            Assert.True(last.IsUserMode && stack.Count == 1, all);
            Count("user mode");
            return;
        }

        if (stack.Incomplete is { } reason)
        {
            cut.Add($"{reason}\n{all}");
            return;
        }

        Assert.All(stack, frame => Assert.True(frame.IsReliable, all));
        Assert.All(stack.Where(frame => !frame.IsUserMode), frame => Assert.NotNull(frame.Symbol));
        // What a program called or what interrupted it is entered by entry code, which is in a section of its own.
        var outermost = last.IsUserMode ? stack[^2] : last;
        var isEntry = outermost.Address >= os.Kernel.Profile.Symbol("__entry_text_start")
            && outermost.Address < os.Kernel.Profile.Symbol("__entry_text_end");
        Assert.True(isEntry || s_beginnings.Contains(outermost.Symbol!.Value.Name), all);
        Count(outermost.Symbol!.Value.Name + (last.IsUserMode ? " from a program" : ""));

        void Count(string end) => ends[end] = ends.GetValueOrDefault(end) + 1;
    }

    private static void CompareStack(
        GuestTruth truth, ILookup<(string Name, string? Module), ulong> symbols, TruthThread expected, LinuxThread thread)
    {
        var stack = thread.KernelStack();
        var what = $"{expected.Id} {expected.Name}: {string.Join(", ", stack)} instead of {string.Join(", ", expected.Stack)}";
        Assert.True(stack.Incomplete is null, $"{what}: {stack.Incomplete}");
        var (first, last) = (truth.KernelSymbol("__sched_text_start"), truth.KernelSymbol("__sched_text_end"));
        var shown = stack.Where(frame => !frame.IsUserMode && (frame.Address.Value < first || frame.Address.Value >= last)).ToList();
        Assert.True(shown.Count == expected.Stack.Count, what);
        foreach (var (ours, theirs) in shown.Zip(expected.Stack))
        {
            Assert.True(ours.IsReliable, what);
            Assert.Equal(theirs.Module, ours.Module);
            Assert.True(symbols[(theirs.Symbol!, theirs.Module)].Contains(ours.Address.Value - theirs.Offset), what);
            // Of several names at one address either may be shown.
            Assert.True(symbols[(ours.Symbol!.Value.Name, ours.Module)].Contains(ours.Address.Value - ours.Symbol.Value.Offset), what);
            Assert.Equal(theirs.Offset, ours.Symbol.Value.Offset);
        }
    }

    /// <summary>The registers at the stack's end are the program's own.</summary>
    private static void CompareSyscall(TruthThread expected, LinuxThread thread)
    {
        var last = thread.KernelStack()[^1];
        Assert.True(last.IsUserMode);
        var program = last.Interrupted!;
        var words = expected.Syscall.Split(' ');
        Assert.Equal(words[0], ((int)program.OriginalRax!.Value).ToString(CultureInfo.InvariantCulture));
        Assert.Equal(words[^2], NumberOf(program.StackPointer.Value));
        Assert.Equal(words[^1], NumberOf(program.InstructionPointer.Value));
        Assert.Equal(program.InstructionPointer, last.Address);
        var general = program.General!;
        if (program.CodeSegment.Value == UserCode64)
        {
            ulong[] arguments = [general.Rdi, general.Rsi, general.Rdx, general.R10, general.R8, general.R9];
            Assert.Equal(words[1..^2], arguments.Select(NumberOf));
        }
    }

    private static string NumberOf(ulong number) => string.Create(CultureInfo.InvariantCulture, $"0x{number:x}");

    private static ulong Switches(VmiMemory memory, LinuxOs os, LinuxThread thread)
    {
        return Read("nvcsw") + Read("nivcsw");

        ulong Read(string field) => memory.ReadField(
            (thread.Object.Va, os.Kernel.TranslationRoot), os.Kernel.Profile.Field("task_struct", field));
    }

    private static ILookup<(string Name, string? Module), ulong> Symbols(GuestTruth truth) =>
        truth.Symbols.ToLookup(symbol => (symbol.Name, symbol.Module), symbol => symbol.Address);
}
