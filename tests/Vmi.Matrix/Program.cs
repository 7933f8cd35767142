using System.Diagnostics;
using System.Globalization;
using Vmi.Guests;
using Vmi.Linux;
using Vmi.Live.Tests;
using Vmi.Targets;

namespace Vmi.Matrix;

/// <summary>
/// <c>Vmi.Matrix MINUTES [KERNEL]</c>: boots one combination after the other, until all are done or the time is up, and prints a line of a
/// table for each. The exit code is 1 if one failed.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is not [var minutes, .. { Length: <= 1 } kernel] || !double.TryParse(minutes, CultureInfo.InvariantCulture, out var limit))
        {
            Console.Error.WriteLine("usage: Vmi.Matrix MINUTES [KERNEL]");
            return 2;
        }

        var begin = Stopwatch.StartNew();
        var (done, failed) = (0, 0);
        var wanted = Combination.All.Where(each => kernel is not [var name] || each.Kernel == name).ToList();
        Console.WriteLine("| kernel | KPTI | levels | vCPUs | what the guest says it runs | boot, s | compared | result |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var combination in wanted.TakeWhile(_ => begin.Elapsed.TotalMinutes < limit))
        {
            var (line, isGood) = Try(combination);
            Console.WriteLine($"| {combination} | {line} |");
            done++;
            failed += isGood ? 0 : 1;
        }

        Console.WriteLine();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{done} of {wanted.Count} combinations were booted: {done - failed} passed, {failed} failed."));
        return failed == 0 ? 0 : 1;
    }

    private static (string Line, bool IsGood) Try(Combination combination)
    {
        var clock = Stopwatch.StartNew();
        RunningGuest guest;
        try
        {
            guest = RunningGuest.Boot(combination.Spec);
        }
        catch (GuestException exception)
        {
            return ($"- | - | - | did not boot: {Short(exception.Message)}", false);
        }

        using (guest)
        {
            var boot = clock.Elapsed.TotalSeconds;
            var (compared, failures) = Compare(guest);
            var result = failures.Count == 0 ? "passed" : $"failed: {string.Join("; ", failures)}";
            return (string.Create(CultureInfo.InvariantCulture, $"{guest.Truth.Release} | {boot:0} | {compared} | {result}"),
                failures.Count == 0);
        }
    }

    private static (int Compared, List<string> Failures) Compare(RunningGuest guest)
    {
        var failures = new List<string>();
        try
        {
            using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
            var session = LinuxOs.Introspect(target.Core);
            // Unpacking a kernel takes too long to be done for each file of the gate.
            foreach (var (what, compare) in LinuxComparisons.All.Append(new("checks", CheckComparisons.Compare)))
            {
                try
                {
                    compare(session, guest.Truth);
                }
                catch (Exception exception)
                {
                    failures.Add($"{what}: {Short(exception.Message)}");
                }
            }
        }
        catch (VmiException exception)
        {
            failures.Add($"no kernel found: {Short(exception.Message)}");
        }

        return (LinuxComparisons.All.Count + 1, failures);
    }

    /// <summary>As much as a cell of a table holds.</summary>
    private static string Short(string message)
    {
        const int most = 200;
        var line = message.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);
        return line.Length <= most ? line : line[..most] + "…";
    }
}
