namespace Vmi.Xen.Lab;

/// <summary>
/// The checks, run in dom0 on a domain: <c>Vmi.Xen.Lab DOMAIN CONSOLE</c>, <c>--list DOMAIN CORE-FILE</c> for the time that a list takes,
/// and <c>--end DOMAIN CONSOLE</c> for those that the domain does not outlive. A line for each, <c>ok NAME</c> or <c>FAIL NAME: why</c>, and
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
        var checks = new Checks();
        if (arguments is ["--list", var listed, var file])
        {
            ListChecks.Run(checks, listed, file);
            return checks.Report();
        }

        if (arguments is ["--end", var ended, var log])
        {
            using var last = Guest.Open(ended, Exercise.Parse(File.ReadAllText(log)));
            CommandChecks.Run(checks, last);
            DyingChecks.Run(checks, last);
            return checks.Report();
        }

        if (arguments.Length != 2)
        {
            Console.Error.WriteLine("usage: Vmi.Xen.Lab [--end] DOMAIN-ID-OR-NAME CONSOLE-LOG | --list DOMAIN-ID-OR-NAME CORE-FILE");
            return 2;
        }

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
            PoolChecks.Run(checks, guest);
        }

        return checks.Report();
    }
}
