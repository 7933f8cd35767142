using System.Diagnostics;
using System.Runtime.InteropServices;
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
            StandsStill(guest);
            OpenOnly(guest);
            guest.GoesOn();
            EndingChecks.AsBefore(guest);
        });
        checks.Check("the next that opens undoes what a tracer left that was killed together with its watchdog", () =>
        {
            using (var victim = Start(guest, console, "watched"))
            {
                // Stopped first, so that neither can do anything when the other dies.
                var watchdog = ChildOf(victim.Id);
                Signal("STOP", victim.Id, watchdog);
                Signal("KILL", victim.Id, watchdog);
                victim.WaitForExit();
            }

            StandsStill(guest);
            OpenOnly(guest);
            guest.GoesOn();
            EndingChecks.AsBefore(guest);
        });
        checks.Check("a tracer ended by SIGTERM leaves nothing", () =>
        {
            using var victim = Start(guest, console, "ends");
            Signal("TERM", victim.Id);
            victim.WaitForExit();
            Expect.Equal(0, victim.ExitCode, "its exit code");
            // Nobody has opened the domain since.
            guest.GoesOn();
            using (var domain = XenDomain.Open(guest.Driver.DomainId))
                Expect.True(!domain.HasViews(), "no views are in use");
            EndingChecks.AsBefore(guest);
        });
    }

    /// <summary>The victim: holds a loop's worth of changes and an event without an answer, until it is killed.</summary>
    public static int Hold(string domain, Exercise exercise, string watched)
    {
        var options = watched == "watched"
            ? XenOptions.Default with { WatchdogCommand = [Environment.ProcessPath!, Watchdog] }
            : XenOptions.Default;
        using var ended = new CancellationTokenSource();
        using var signal = watched == "ends" ? PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            ended.Cancel();
        }) : null;
        using var guest = Guest.Open(domain, exercise, options);
        guest.Session.HandleWithTimeout(Guest.Patience, _ => EndingChecks.Busy(guest, (_, _) =>
        {
            Console.WriteLine(Ready);
            ended.Token.WaitHandle.WaitOne();
            return VmiEventResponse.Emulate;
        }), ended.Token);
        return 0;
    }

    public static int Watch(string target)
    {
        XenDriver.Watch(XenTarget.Parse(target["xen:".Length..]), Console.In);
        return 0;
    }

    /// <summary>The vCPU was left waiting for an answer.</summary>
    private static void StandsStill(Guest guest)
    {
        var before = guest.RoundCount;
        Thread.Sleep(500);
        Expect.Equal(before, guest.RoundCount, "the guest's counter, with the vCPU left waiting");
    }

    /// <summary>Opening is enough to undo what was left.</summary>
    private static void OpenOnly(Guest guest) => Guest.Open(guest.Domain, guest.Exercise).Dispose();

    private static void Signal(string signal, params int[] processes) =>
        Process.Start("kill", [$"-{signal}", .. processes.Select(each => $"{each}")]).WaitForExit();

    private static int ChildOf(int process)
    {
        // The fields behind the name in brackets: the state, and the parent.
        static bool IsChild(string directory, int process)
        {
            try
            {
                return File.ReadAllText(Path.Combine(directory, "stat")).Split(") ")[^1].Split(' ')[1] == $"{process}";
            }
            catch (IOException)
            {
                return false;
            }
        }

        var found = Directory.GetDirectories("/proc").FirstOrDefault(
            each => int.TryParse(Path.GetFileName(each), out _) && IsChild(each, process));
        return found is null ? throw new CheckException("the watchdog does not run") : int.Parse(Path.GetFileName(found));
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
