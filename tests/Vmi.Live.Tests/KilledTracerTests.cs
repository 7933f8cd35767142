using System.Diagnostics;
using Vmi.Cli.Tests;
using Vmi.Guests;
using Vmi.Qemu;

namespace Vmi.Live.Tests;

/// <summary>
/// A tracer that is killed (SIGKILL) in the middle: its watchdog undoes what it set up; without one, whoever attaches next does.
/// </summary>
public sealed class KilledTracerTests(TracedGuests guests)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("Traced1")]
    [InlineData("Traced4")]
    public void The_watchdog_of_a_killed_tracer_undoes_what_it_set_up(string name)
    {
        var guest = guests[name];
        using var busy = guest.Control.Start("busy 2");
        busy.Run();
        using var tracer = Trace(guest);
        tracer.Kill();
        tracer.WaitForExit();
        WaitUntil(() => guest.Monitor.IsRunning && !HasStub(guest), "the watchdog acted");
        busy.Stop();
        AssertRunsOn(guest);
    }

    [Fact]
    public void Who_attaches_next_undoes_what_a_killed_tracer_and_a_killed_watchdog_left()
    {
        var guest = guests["Traced4"];
        using var busy = guest.Control.Start("busy 2");
        busy.Run();
        using var tracer = Trace(guest);
        foreach (var watchdog in ChildrenOf(tracer.Id))
            watchdog.Kill();
        tracer.Kill();
        tracer.WaitForExit();
        // It meets a breakpoint, or was killed at one: QEMU waits for a debugger that will not come.
        WaitUntil(() => !guest.Monitor.IsRunning && HasStub(guest), "the guest stood still");

        QemuDriver.Open(guest.QmpPath).Dispose();
        Assert.True(guest.Monitor.IsRunning);
        Assert.False(HasStub(guest));
        busy.Stop();
        AssertRunsOn(guest);
    }

    /// <summary>A `vmi trace syscalls` that has shown its first calls.</summary>
    private static Process Trace(RunningGuest guest)
    {
        var start = new ProcessStartInfo(VmiCommandLine.Built, ["trace", "syscalls", $"qemu:{guest.QmpPath}", "--json"])
        {
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        for (var i = 0; i < 20; i++)
            Assert.NotNull(process.StandardOutput.ReadLine());
        return process;
    }

    private static IEnumerable<Process> ChildrenOf(int pid) =>
        from task in Directory.EnumerateDirectories($"/proc/{pid}/task")
        from child in File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select Process.GetProcessById(int.Parse(child, System.Globalization.CultureInfo.InvariantCulture));

    private static bool HasStub(RunningGuest guest) => guest.Monitor.Human("info chardev").Contains("gdb: ", StringComparison.Ordinal);

    private static void AssertRunsOn(RunningGuest guest)
    {
        using var program = guest.Control.Start("loop 100000");
        Assert.StartsWith("ok counters=100000", program.Go());
        EventLiveTests.AssertUntouched(guest);
    }

    private static void WaitUntil(Func<bool> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < Patience, $"within {Patience.TotalSeconds:0} s: {what}");
            Thread.Sleep(20);
        }
    }
}
