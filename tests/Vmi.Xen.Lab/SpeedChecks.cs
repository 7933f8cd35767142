using System.Diagnostics;

namespace Vmi.Xen.Lab;

/// <summary>Events a second, and what each allocates.</summary>
internal static class SpeedChecks
{
    private const int Warm = 50;
    private const int Counted = 1000;
    private const long MostBytes = 512;

    public static void Run(Checks checks, Guest guest)
    {
        checks.Check($"an event allocates at most {MostBytes} bytes", () =>
        {
            guest.InHurry = true;
            try
            {
                var (bytes, elapsed, overhead) = guest.Handle(() => Count(guest));
                Console.WriteLine($"-- {Counted / elapsed.TotalSeconds:0} events a second, {bytes} bytes each, "
                    + $"{overhead.TotalMicroseconds / Counted:0} microseconds each in the driver");
                Expect.True(bytes <= MostBytes, $"an event allocates {bytes} bytes");
            }
            finally
            {
                guest.InHurry = false;
            }
        });
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
