namespace Vmi.Xen.Lab;

/// <summary>
/// The checks, run in dom0 on a domain: <c>Vmi.Xen.Lab DOMAIN CONSOLE</c>. A line for each, <c>ok NAME</c> or <c>FAIL NAME: why</c>, and
/// last <c>N passed, N failed</c>. No test framework: the program is one native file.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is [KillChecks.Victim, var held, var console, var watched])
            return KillChecks.Hold(held, Exercise.Parse(File.ReadAllText(console)), watched);
        if (arguments is [KillChecks.Watchdog, var target])
            return KillChecks.Watch(target);
        if (arguments.Length != 2)
        {
            Console.Error.WriteLine("usage: Vmi.Xen.Lab DOMAIN-ID-OR-NAME CONSOLE-LOG");
            return 2;
        }

        var checks = new Checks();
        var exercise = Exercise.Parse(File.ReadAllText(arguments[1]));
        OpenChecks.Run(checks, arguments[0]);
        using (var guest = Guest.Open(arguments[0], exercise))
        {
            MemoryChecks.Run(checks, guest);
            RegisterChecks.Run(checks, guest);
            MonitorChecks.Run(checks, guest);
            RightsChecks.Run(checks, guest);
            ViewChecks.Run(checks, guest);
            InjectionChecks.Run(checks, guest);
            EndingChecks.Run(checks, guest);
            LinuxChecks.Run(checks, guest);
            SpeedChecks.Run(checks, guest);
            KillChecks.Run(checks, guest, arguments[1]);
        }

        return checks.Report();
    }
}
