using System.Diagnostics;
using System.Globalization;
using Vmi.Guests;

namespace Vmi.Bench;

/// <summary>
/// What `vmi ps` takes as a native program on a memory file in the page cache, detection included, against one pass over the file plus the
/// start of an empty native program, in turns within one run; its peak of anonymous memory; the same list by other tools, given as command
/// lines; and from the start of the command to the list of a live guest.
/// </summary>
internal static class CommandRatios
{
    private const int Turns = 15;
    private const int MostMiB = 64;

    public static void Run(string vmi, string pass, string file, IReadOnlyList<string> rivals)
    {
        var (empty, once, ours) = (new List<double>(), new List<double>(), new List<double>());
        var anonymous = 0L;
        for (var turn = 0; turn <= Turns; turn++)
        {
            var start = Time(pass, []).Milliseconds;
            var through = Time(pass, [file]).Milliseconds;
            var list = Time(vmi, ["ps", file]).Milliseconds;
            // The first turn brings the file into the page cache.
            if (turn == 0)
                continue;
            empty.Add(start);
            once.Add(through);
            ours.Add(list);
        }

        // Apart, since who looks takes time from what is looked at.
        for (var turn = 0; turn < 3; turn++)
            anonymous = Math.Max(anonymous, Time(vmi, ["ps", file], watchMemory: true).Anonymous);
        // The pass has the start of an empty program in it.
        var limit = once.Min();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Path.GetFileName(file)}, {new FileInfo(file).Length >> 20} MiB: an empty start {empty.Min():0.0} ms, a pass with its start {limit:0.0} ms, "
            + $"vmi ps {ours.Min():0.0} ms (median {Median(ours):0.0}): {ours.Min() / limit:0.00} times (at most 3); anonymous memory at its peak "
            + $"{anonymous / 1024.0 / 1024:0.0} MiB (at most {MostMiB})"));
        using (var guest = RunningGuest.Boot(GuestSpecs.Small61))
        {
            var live = Enumerable.Range(0, Turns).Select(_ => Time(vmi, ["ps", $"qemu:{guest.QmpPath}"]).Milliseconds).ToList();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"live, from the start of the command to its end: {live.Min():0} ms (median {Median(live):0})"));
        }

        foreach (var rival in rivals)
        {
            var runs = Enumerable.Range(0, 4).Select(_ => Time("/bin/sh", ["-c", rival])).Skip(1).ToList();
            var least = runs.Min(run => run.Milliseconds);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{rival}: {least:0} ms, {runs[0].Lines} lines: {least / ours.Min():0.0} times vmi ps"));
        }
    }

    private static (double Milliseconds, long Anonymous, int Lines) Time(string program, IEnumerable<string> arguments, bool watchMemory = false)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var begin = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        var lines = 0;
        process.OutputDataReceived += (_, line) => lines += line.Data is null ? 0 : 1;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var anonymous = 0L;
        while (watchMemory && !process.HasExited)
            anonymous = Math.Max(anonymous, Anonymous(process.Id));
        process.WaitForExit();
        var elapsed = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        return process.ExitCode == 0 ? (elapsed, anonymous, lines) : throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }

    /// <summary>RssAnon of /proc/PID/status, in bytes.</summary>
    private static long Anonymous(int process)
    {
        try
        {
            foreach (var line in File.ReadLines($"/proc/{process}/status"))
                if (line.StartsWith("RssAnon:", StringComparison.Ordinal))
                    return long.Parse(line.AsSpan(8).Trim(" \tkB"), CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            // It has just ended.
        }

        return 0;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
