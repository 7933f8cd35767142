using System.Diagnostics;

namespace Vmi.Xen.Lab;

/// <summary>The <c>vmi</c> command killed in the middle of a trace: its watchdog, which is the same program, undoes what it left.</summary>
internal static class CommandChecks
{
    private const string Ready = "events are shown";

    public static void Run(Checks checks, Guest guest) =>
        checks.Check("the watchdog of a killed `vmi break` undoes what that left", () =>
        {
            using var command = Process.Start(
                new ProcessStartInfo("vmi", ["break", $"xen:{guest.Domain}", "__x64_sys_prctl", "--verbose"])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                })!;
            string? line;
            do
                line = command.StandardError.ReadLine();
            while (line?.Contains(Ready, StringComparison.Ordinal) == false);
            Expect.True(line is not null, "it shows events");
            command.Kill();
            command.WaitForExit();
            guest.GoesOn();
            EndingChecks.AsBefore(guest);
        });
}
