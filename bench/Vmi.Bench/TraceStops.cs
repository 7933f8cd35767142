using System.Diagnostics;
using System.Globalization;
using Vmi.Guests;
using Vmi.Hooks;
using Vmi.Linux;
using Vmi.Targets;

namespace Vmi.Bench;

/// <summary>
/// How often the VM stops for each system call of a program whose calls are known, by QEMU's own count (its STOP events): for one that is
/// traced, and for one that the filter drops. And what the traced ones cost.
/// </summary>
internal static class TraceStops
{
    private const int Rounds = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static void Run()
    {
        using var guest = RunningGuest.Boot(GuestSpecs.Find("Traced1"));
        using var program = guest.Control.Start(string.Create(CultureInfo.InvariantCulture, $"calls {Rounds}"));
        using var other = guest.Control.Start("calls 1");
        var (itself, another) = (new ProcessId((uint)program.Pid), new ProcessId((uint)other.Pid));
        string[] openat = ["openat"];
        Console.WriteLine($"{guest.Name}, {Environment.ProcessorCount} cores");
        Console.WriteLine("calls of the program                                 calls  reported  stops a call  at most  bytes a call  ms a call");
        Measure("traced: openat", 2, new() { Syscalls = openat, Process = itself });
        Measure("traced: all", 2, new() { Process = itself });
        Measure("dropped: openat of another process is wanted", 1, new() { Syscalls = openat, Process = another });
        Measure("dropped: all of another process, which sleeps in one", 1, new() { Process = another }, before: () => other.Go());

        void Measure(string what, int most, SyscallTraceOptions options, Action? before = null)
        {
            using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
            var session = LinuxOs.Introspect(target.Core);
            using var ready = new ManualResetEventSlim();
            using var end = new CancellationTokenSource();
            var reported = 0;
            var tracing = Task.Run(() => session.Handle(
                made =>
                {
                    var tracer = new SyscallTracer(made, options, _ => reported++);
                    ready.Set();
                    return tracer;
                },
                end.Token));
            if (!ready.Wait(Patience))
                throw new TimeoutException("The trace did not begin.");
            before?.Invoke();
            (reported, _) = (0, guest.Monitor.TakeEvents());
            var allocated = GC.GetTotalAllocatedBytes();
            var begin = Stopwatch.GetTimestamp();
            var answer = program.Go(timeout: Patience);
            var (took, bytes) = (Stopwatch.GetElapsedTime(begin), GC.GetTotalAllocatedBytes() - allocated);
            var stops = guest.Monitor.TakeEvents().Count(each => each.Name == "STOP");
            end.Cancel();
            tracing.Wait();
            // Its children's are not its own.
            var calls = PuppetCall.Parse(answer)
                .Count(call => call.Tid == program.Pid && (options.Syscalls?.Contains(call.Name) ?? true));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{what,-52} {calls,5}  {reported,8}  {(double)stops / calls,12:0.00}  {most,7}  {bytes / calls,12}  {took.TotalMilliseconds / calls,9:0.0}"));
        }
    }
}
