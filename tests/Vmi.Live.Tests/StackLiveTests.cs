using Vmi.Amd64;
using Vmi.Guests;
using Vmi.Linux;
using Vmi.Targets;

namespace Vmi.Live.Tests;

/// <summary>
/// Kernel stacks where tracers have replaced return addresses, and those of CPUs that are stopped anywhere in a busy kernel.
/// </summary>
public sealed class StackLiveTests
{
    private const int Stops = 100;

    // Where a stack begins that no program is below: the start of a CPU, and of a thread.
    private static readonly string[] s_beginnings =
        ["ret_from_fork", "ret_from_fork_asm", "secondary_startup_64_no_verify", "common_startup_64", "x86_64_start_kernel"];

    public static TheoryData<string> Names => [GuestSpecs.Stacks61.Name, GuestSpecs.Stacks612.Name];

    [Theory]
    [MemberData(nameof(Names))]
    public void Hooked_returns_and_a_busy_kernel_are_unwound_to_the_end(string name)
    {
        using var guest = RunningGuest.Boot(GuestSpecs.Find(name), TestContext.Current.CancellationToken);
        using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
        var session = LinuxOs.Introspect(target.Core);
        StackComparisons.Compare(session, guest.Truth);
        var ends = new Dictionary<string, int>();
        for (var stop = 0; stop < Stops; stop++)
        {
            // The times of day of a timer must not decide where it is stopped.
            Thread.Sleep(20 + stop % 7);
            using var paused = session.PauseGuard();
            for (ushort vcpu = 0; vcpu < session.Info.Vcpus; vcpu++)
                CheckVcpu(session, (Amd64Registers)session.GetRegisters(new VcpuId(vcpu)), ends);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", ends.OrderByDescending(end => end.Value)));
        Assert.True(ends.Where(end => end.Key != "user mode").Sum(end => end.Value) > Stops / 2, "the kernel was not busy");
    }

    private static void CheckVcpu(VmiSession<LinuxOs> session, Amd64Registers registers, Dictionary<string, int> ends)
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

        Assert.True(stack.Incomplete is null, $"{stack.Incomplete}\n{all}");
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
}
