using System.Diagnostics;
using Vmi.Amd64;

namespace Vmi.Xen.Lab;

/// <summary>A tracer that is killed, with and without a watchdog; this program, started anew, is both.</summary>
internal static class KillChecks
{
    public const string Victim = "--victim";
    public const string Watchdog = "--watchdog";

    private const string Ready = "ready";

    public static void Run(Checks checks, Guest guest, string console)
    {
        checks.Check("a watchdog undoes what a killed tracer left", () =>
        {
            Kill(guest, console, "watched");
            guest.GoesOn();
            EndingChecks.AsBefore(guest);
        });
        checks.Check("the next that opens undoes what a killed tracer without a watchdog left", () =>
        {
            Kill(guest, console, "alone");
            var before = guest.RoundCount;
            Thread.Sleep(500);
            Expect.Equal(before, guest.RoundCount, "the guest's counter, with the vCPU left waiting");
            using (Guest.Open(guest.Domain, guest.Exercise))
            {
                // Opening is enough.
            }

            guest.GoesOn();
            EndingChecks.AsBefore(guest);
        });
        checks.Check("a tracer ended by SIGTERM leaves nothing", () =>
        {
            using var victim = Start(guest, console, "alone");
            Process.Start("kill", ["-TERM", $"{victim.Id}"]).WaitForExit();
            victim.WaitForExit();
            using (Guest.Open(guest.Domain, guest.Exercise))
            {
                // What the signal left, if anything.
            }

            guest.GoesOn();
            EndingChecks.AsBefore(guest);
        });
    }

    /// <summary>The victim: holds a loop's worth of changes and an event without an answer, until it is killed.</summary>
    public static int Hold(string domain, Exercise exercise, string watched)
    {
        var options = watched == "watched"
            ? XenOptions.Default with { WatchdogCommand = [Environment.ProcessPath!, Watchdog] }
            : XenOptions.Default;
        using var guest = Guest.Open(domain, exercise, options);
        guest.Handle(() => EndingChecks.Busy(guest, (_, _) =>
        {
            Console.WriteLine(Ready);
            Thread.Sleep(Timeout.Infinite);
            return VmiEventResponse.Continue;
        }));
        return 0;
    }

    public static int Watch(string target)
    {
        XenDriver.Watch(XenTarget.Parse(target["xen:".Length..]), Console.In);
        return 0;
    }

    private static void Kill(Guest guest, string console, string watched)
    {
        using var victim = Start(guest, console, watched);
        victim.Kill();
        victim.WaitForExit();
    }

    private static Process Start(Guest guest, string console, string watched)
    {
        var victim = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [Victim, guest.Domain, console, watched])
        {
            RedirectStandardOutput = true,
        })!;
        Expect.Equal(Ready, victim.StandardOutput.ReadLine(), "what the victim says");
        return victim;
    }
}
