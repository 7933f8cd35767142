using System.Diagnostics;
using System.Globalization;
using Vmi.Guests;
using Vmi.Hooks;
using Vmi.Linux;
using Vmi.Targets;

namespace Vmi.Bench;

/// <summary>
/// Breakpoint round trips a second on a real guest (hit, registers to the handler, step over, continue) against a minimal client of the
/// same stub, in turns within one run; and what a hit costs in allocations. What the minimal client takes is the stub's own share.
/// </summary>
internal static class EventRoundTrips
{
    private const int Hits = 2000;
    private const int Turns = 5;

    public static void Run()
    {
        using var guest = RunningGuest.Boot(GuestSpecs.Find("Traced1"));
        using var program = guest.Control.Start(string.Create(CultureInfo.InvariantCulture, $"loop {Hits + 1000}"));
        var tick = program.Address("tick");
        var ratios = new List<double>();
        Console.WriteLine($"{Hits} hits a turn, {guest.Name}, {Environment.ProcessorCount} cores");
        Console.WriteLine("turn  minimal client/s  vmi/s  ratio  bytes allocated a hit");
        for (var turn = 0; turn <= Turns; turn++)
        {
            var minimal = Minimal(guest, program, tick);
            var (vmi, allocated) = Vmi(guest, program, tick);
            if (turn == 0)
                continue; // warms up both
            ratios.Add(vmi / minimal);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{turn,4}  {minimal,16:0}  {vmi,5:0}  {vmi / minimal,5:0.00}  {allocated,8:0}"));
        }
        ratios.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median ratio {ratios[Turns / 2]:0.00} (at least 0.90 wanted)"));
    }

    private static double Minimal(RunningGuest guest, PuppetProgram program, ulong tick)
    {
        TimeSpan took;
        using (var debugger = new MinimalDebugger(guest))
        {
            program.BeginGo();
            debugger.Exchange("qSupported");
            var begin = Stopwatch.GetTimestamp();
            debugger.CountSteppedHits(tick, Hits);
            took = Stopwatch.GetElapsedTime(begin);
        }
        program.EndGo();
        return Hits / took.TotalSeconds;
    }

    private static (double Rate, double Allocated) Vmi(RunningGuest guest, PuppetProgram program, ulong tick)
    {
        using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
        var session = LinuxOs.Introspect(target.Core);
        var root = session.UnderlyingOs.FindProcess(new ProcessId((uint)program.Pid))!.TranslationRoot;
        using var breakpoints = Breakpoints.For(session);
        breakpoints.Insert(new AddressContext(new Va(tick), root));
        var counter = new Counter(breakpoints);
        program.BeginGo();
        session.Handle(_ => counter);
        program.EndGo();
        return ((Hits - Counter.Warm) / counter.Took.TotalSeconds, counter.Allocated / (double)(Hits - Counter.Warm));
    }

    private sealed class Counter(Breakpoints breakpoints) : VmiHandler<LinuxOs, int>
    {
        public const int Warm = 100;
        private int _hits;
        private long _begin;
        private long _allocatedBefore;

        public TimeSpan Took { get; private set; }

        public long Allocated { get; private set; }

        public override VmiEventResponse HandleEvent(VmiContext<LinuxOs> vmi)
        {
            if (breakpoints.IsHit(vmi) && ++_hits == Warm)
                (_begin, _allocatedBefore) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes());
            if (_hits == Hits)
                (Took, Allocated) = (Stopwatch.GetElapsedTime(_begin), GC.GetTotalAllocatedBytes() - _allocatedBefore);
            return breakpoints.StepOver(vmi);
        }

        public override bool Poll(out int result) => (result = _hits) == Hits;
    }
}
