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

    // The kernel's tables are not right at every instruction of its assembly code; such a stack has to say that it is cut.
    private const int MostCut = 2;

    public static TheoryData<string> Names => [GuestSpecs.Stacks61.Name, GuestSpecs.Stacks612.Name];

    [Theory]
    [MemberData(nameof(Names))]
    public void Hooked_returns_and_a_busy_kernel_are_unwound_to_the_end(string name)
    {
        using var guest = RunningGuest.Boot(GuestSpecs.Find(name), TestContext.Current.CancellationToken);
        using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
        var session = LinuxOs.Introspect(target.Core);
        StackComparisons.Compare(session, guest.Truth);
        Assert.Equal(["arch_rethook_trampoline", "return_to_handler"], HooksOnStacks(session));
        var ends = new Dictionary<string, int>();
        var cut = new List<string>();
        for (var stop = 0; stop < Stops; stop++)
        {
            // The times of day of a timer must not decide where it is stopped.
            Thread.Sleep(20 + stop % 7);
            using var paused = session.PauseGuard();
            for (ushort vcpu = 0; vcpu < session.Info.Vcpus; vcpu++)
                StackComparisons.CheckVcpu(session, (Amd64Registers)session.GetRegisters(new VcpuId(vcpu)), ends, cut);
        }

        Assert.True(cut.Count <= MostCut, string.Join("\n\n", cut));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join("\n\n", cut));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", ends.OrderByDescending(end => end.Value)));
        Assert.True(ends.Where(end => end.Key != "user mode").Sum(end => end.Value) > Stops / 2, "the kernel was not busy");
    }

    /// <summary>What lies on the stacks of waiting threads where their frames' return addresses were.</summary>
    private static IEnumerable<string> HooksOnStacks(VmiSession<LinuxOs> session)
    {
        using var paused = session.PauseGuard();
        var os = paused.State.Os;
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var frame in os.Processes().SelectMany(process => process.Threads()).Where(thread => thread.State == 'S')
            .SelectMany(thread => thread.KernelStack().Skip(1)).Where(frame => frame.Interrupted is null))
        {
            var word = paused.State.ReadUInt64((frame.StackPointer - sizeof(ulong), os.Kernel.TranslationRoot));
            if (word != frame.Address.Value)
                names.Add(os.Kernel.Profile.Resolve(new Va(word))?.Name ?? "?");
        }

        return names;
    }
}
