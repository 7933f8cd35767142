using Vmi.Hooks;
using Vmi.Linux;

namespace Vmi.Xen.Lab;

/// <summary>The Linux layer and the stealth breakpoints over Xen.</summary>
internal static class LinuxChecks
{
    private const int Hits = 100;

    public static void Run(Checks checks, Guest guest)
    {
        VmiSession<LinuxOs>? session = null;
        checks.Check("the kernel is found", () =>
        {
            session = LinuxOs.Introspect(guest.Core);
            Expect.True(session.UnderlyingOs.KernelInformationString.StartsWith("Linux version 6.1", StringComparison.Ordinal),
                session.UnderlyingOs.KernelInformationString);
        });
        if (session is null)
            return;
        checks.Check("the program is among the processes", () =>
        {
            using var paused = session.PauseGuard();
            var process = paused.State.Os.Processes().Single(each => each.Id == new ProcessId(guest.Exercise.Pid));
            Expect.Equal(guest.RoundCount, paused.State.ReadUInt32((guest.Exercise.Data, process.TranslationRoot)), "its counter");
        });
        checks.Check($"a stealth breakpoint on a kernel function is hit {Hits} times", () =>
        {
            using var breakpoints = Breakpoints.For(session);
            breakpoints.Insert("__x64_sys_prctl");
            var before = guest.TscReadCount;
            var outcome = session.HandleWithTimeout(Guest.Patience, _ => new Counter(breakpoints, guest.Exercise.Pid, Hits));
            Expect.True(outcome.HasResult, $"the loop ended by {outcome.EndedBy}");
            // Two calls a read of the TSC.
            var reads = guest.TscReadCount - before;
            Expect.True(reads is >= (Hits / 2) - 1 and <= (Hits / 2) + 3, $"{Hits} hits in {reads} reads of the TSC");
            guest.GoesOn();
        });
        checks.Check("a breakpoint is hit as before when another one's frame was given back", () =>
        {
            using var breakpoints = Breakpoints.For(session);
            breakpoints.Insert("__x64_sys_prctl");
            Expect.True(breakpoints.Remove(breakpoints.Insert("__x64_sys_clock_nanosleep")), "the other one is removed");
            var outcome = session.HandleWithTimeout(Guest.Patience, _ => new Counter(breakpoints, guest.Exercise.Pid, Hits / 10));
            Expect.True(outcome.HasResult, $"the loop ended by {outcome.EndedBy}");
            guest.GoesOn();
        });
    }

    private sealed class Counter(Breakpoints breakpoints, uint pid, int wanted) : VmiHandler<LinuxOs, int>
    {
        private int _seen;

        public override VmiEventResponse HandleEvent(VmiContext<LinuxOs> vmi)
        {
            if (!breakpoints.IsHit(vmi))
                return breakpoints.PassOver(vmi);
            if (vmi.Os.CurrentProcess().Id == new ProcessId(pid))
                _seen++;
            return breakpoints.StepOver(vmi);
        }

        public override bool Poll(out int result) => (result = _seen) >= wanted;
    }
}
