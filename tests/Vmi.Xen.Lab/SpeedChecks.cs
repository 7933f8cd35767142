using System.Diagnostics;
using System.Globalization;

namespace Vmi.Xen.Lab;

/// <summary>Events a second, and what each allocates.</summary>
internal static class SpeedChecks
{
    private const int Warm = 50;
    private const int Counted = 1000;
    private const long MostBytes = 512;
    private const double LeastRatio = 0.8;

    public static void Run(Checks checks, Guest guest)
    {
        var rate = 0.0;
        checks.Check($"an event allocates at most {MostBytes} bytes", () =>
        {
            guest.InHurry = true;
            try
            {
                var (bytes, elapsed, overhead) = guest.Handle(() => Count(guest));
                rate = Counted / elapsed.TotalSeconds;
                Console.WriteLine($"-- {rate:0} events a second, {bytes} bytes each, "
                    + $"{overhead.TotalMicroseconds / Counted:0} microseconds each in the driver");
                Expect.True(bytes <= MostBytes, $"an event allocates {bytes} bytes");
            }
            finally
            {
                guest.InHurry = false;
            }
        });
        checks.Check($"at least {LeastRatio} times as many events are answered as by a program in C", () =>
        {
            guest.InHurry = true;
            try
            {
                var ofC = RateOfC(guest);
                Console.WriteLine($"-- {ofC:0} events a second by a program in C, ratio {rate / ofC:0.00}");
                Expect.True(rate >= LeastRatio * ofC, $"{rate:0} events a second, and {ofC:0}");
            }
            finally
            {
                guest.InHurry = false;
            }

            guest.GoesOn();
        });
    }

    /// <summary>What a program in C answers, that does the same (eng/labs/xen/rate.c).</summary>
    private static double RateOfC(Guest guest)
    {
        using var program = Process.Start(new ProcessStartInfo("rate", [guest.Domain, $"{guest.Exercise.DataGfn.Value}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = program.StandardOutput.ReadToEnd();
        var error = program.StandardError.ReadToEnd();
        program.WaitForExit();
        return program.ExitCode == 0 ? double.Parse(output, CultureInfo.InvariantCulture) : throw new CheckException($"rate: {error}");
    }

    /// <summary>Writes to a frame in a view, each stepped in the default view.</summary>
    private static Handler<(long Bytes, TimeSpan Elapsed, TimeSpan Overhead)> Count(Guest guest)
    {
        var session = guest.Session;
        var view = session.CreateView(MemoryAccess.ReadWriteExecute);
        session.SetMemoryAccess(guest.Exercise.DataGfn, view, MemoryAccess.ReadExecute);
        session.SwitchToView(view);
        var seen = 0;
        var (bytes, start, overhead) = (0L, 0L, TimeSpan.Zero);
        return new Handler<(long Bytes, TimeSpan Elapsed, TimeSpan Overhead)>((_, handler) =>
        {
            seen++;
            if (seen == Warm)
            {
                bytes = GC.GetAllocatedBytesForCurrentThread();
                start = Stopwatch.GetTimestamp();
                overhead = session.EventProcessingOverhead;
            }

            if (seen == Warm + Counted)
            {
                handler.Finish((
                    (GC.GetAllocatedBytesForCurrentThread() - bytes) / Counted, Stopwatch.GetElapsedTime(start),
                    session.EventProcessingOverhead - overhead));
            }

            return VmiEventResponse.FastSinglestep(View.Default);
        });
    }
}
