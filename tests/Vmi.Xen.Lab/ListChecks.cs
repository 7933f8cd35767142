using System.Diagnostics;
using Vmi.Dumps;
using Vmi.Linux;

namespace Vmi.Xen.Lab;

/// <summary>How long a list of processes takes of the domain, compared with one of its core file.</summary>
internal static class ListChecks
{
    private const double MostRatio = 1.5;

    // The second list is short; the shortest of a few is the one that nothing came between.
    private const int Lists = 5;

    public static void Run(Checks checks, string domain, string file) =>
        checks.Check($"a second list of processes takes at most {MostRatio} times one of a file", () =>
        {
            using var driver = XenDriver.Open(domain);
            using var dump = MemoryFile.Open(file);
            var (first, second, count) = Measure(driver);
            var (_, ofFile, countOfFile) = Measure(dump);
            Console.WriteLine($"-- {count} processes: first list with detection {first.TotalMilliseconds:0} ms, "
                + $"second {second.TotalMilliseconds:0.0} ms, of the file {ofFile.TotalMilliseconds:0.0} ms, "
                + $"ratio {second / ofFile:0.00}");
            Expect.Equal(count, countOfFile, "the file's number of processes");
            Expect.True(second <= MostRatio * ofFile, $"{second.TotalMilliseconds} ms, and {ofFile.TotalMilliseconds} ms of the file");
        });

    private static (TimeSpan First, TimeSpan Second, int Count) Measure(IVmiDriver driver)
    {
        using var core = new VmiCore(driver);
        var start = Stopwatch.GetTimestamp();
        var linux = LinuxOs.Detect(core);
        var count = List(core, linux);
        var first = Stopwatch.GetElapsedTime(start);
        var second = TimeSpan.MaxValue;
        for (var i = 0; i < Lists; i++)
        {
            start = Stopwatch.GetTimestamp();
            Expect.Equal(count, List(core, linux), "the number of processes");
            var taken = Stopwatch.GetElapsedTime(start);
            second = taken < second ? taken : second;
        }

        return (first, second, count);
    }

    /// <summary>What `vmi ps` looks at.</summary>
    private static int List(VmiCore core, LinuxOs linux)
    {
        using var operation = core.BeginOperation();
        var length = 0;
        var count = 0;
        foreach (var process in linux.Processes())
        {
            count++;
            length += process.Name.Length + (process.CommandLine?.Length ?? 0) + (process.ExecutablePath?.Length ?? 0)
                + (process.Credentials is null ? 0 : 1) + (process.TryGetTranslationRoot(out _) ? 1 : 0);
        }

        Expect.True(length > count, "the processes have names");
        return count;
    }
}
