using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Vmi.Dumps;
using Vmi.Linux;

namespace Vmi.Live.Tests;

/// <summary>
/// The walks behind `ps`, `files`, `carve`, `check` and so on over the memory of a real guest, in which words of those frames that the
/// walk reads were exchanged: for pointers out of the same frames, which is where circles come from, and for absurd numbers. Each ends
/// with a result or a documented exception, within the time and memory that docs/limits.md states.
/// </summary>
public sealed class MutatedGuestTests(GuestFleet fleet)
{
    private static readonly TimeSpan LongestWalk = TimeSpan.FromSeconds(10);
    private const long MostAllocated = 1L << 30;
    private const int MostChanges = 300;

    private static int _shortfalls;

    private static readonly (string Name, Action<LinuxOs> Walk)[] Walks =
    [
        ("ps", os => Each(os.Processes(), process => (process.CommandLine, process.Credentials, process.StartTime, process.ImageBase))),
        ("threads", os => Each(os.Processes(), process => Drained(process.Threads(), thread => (thread.Name, thread.State)))),
        ("modules", os => Each(os.Modules(), module => (module.UsedBy(), module.Version, module.Symbols(), module.Types()))),
        ("maps", os => Each(os.Processes(), process => Drained(process.Regions(), region => (region.ToString(), region.Object)))),
        ("files", os => Each(os.Processes(), process => Drained(process.Files(), file => (file.Path, file.Kind)))),
        ("sockets", os => Each(os.Processes(), process => process.Sockets())),
        ("mounts", os => Each(os.Processes(), process => Drained(process.Mounts(), mount => (mount.Options, mount.SuperOptions)))),
        ("namespaces", os => Each(os.Processes(), process => process.Namespaces().ControlGroup)),
        ("kernel threads", os => Drained(os.KernelThreads(), thread => (thread.Function, thread.Work))),
        ("carve", os => Each(os.Processes().Take(4), Carve)),
        ("check", os => Each(os.Check(), check => check.Findings.Count)),
        ("dmesg", os => Drained(os.Log(), record => record.ToString())),
    ];

    /// <summary>For 12 seconds; with VMI_LONG_RUN (eng/long-run.sh) for ten minutes, with seeds that no run before had.</summary>
    private static bool IsLong => Environment.GetEnvironmentVariable("VMI_LONG_RUN") is { Length: > 0 };

    [Fact]
    public void Whatever_a_guest_s_memory_holds_each_walk_ends_in_bounded_time_and_memory()
    {
        using var file = RawDriver.Open(fleet["Small61"].Files.Single(each => each.EndsWith(".raw", StringComparison.Ordinal)));
        using var driver = new MutatedDriver(file);
        using var detecting = new VmiCore(file);
        var kernel = LinuxDetector.Detect(detecting);
        var frames = Walks.Select(walk => Visited(driver, kernel, walk.Walk)).ToArray();
        var clock = Stopwatch.StartNew();
        var limit = IsLong ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(12);
        var (rounds, slowest, most) = (0, TimeSpan.Zero, 0L);
        _shortfalls = 0;
        foreach (var seed in Seeds())
        {
            if (clock.Elapsed > limit)
                break;
            var random = new Random(seed);
            var which = random.Next(Walks.Length);
            driver.Restore();
            for (var change = random.Next(1, MostChanges); change > 0; change--)
                Mutate(driver, frames[which], random);
            using var core = new VmiCore(driver);
            var os = new LinuxOs(core, kernel);
            // Time of the CPU: others may want the machine. Nothing else runs in this process.
            var (begin, before) = (Environment.CpuUsage.TotalTime, GC.GetAllocatedBytesForCurrentThread());
            Try(() => Walks[which].Walk(os));
            var (time, allocated) = (Environment.CpuUsage.TotalTime - begin, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.True(time < LongestWalk, $"seed {seed}: {Walks[which].Name} took {time}");
            Assert.True(allocated < MostAllocated, $"seed {seed}: {Walks[which].Name} allocated {allocated >> 20} MiB");
            rounds++;
            slowest = time > slowest ? time : slowest;
            most = Math.Max(most, allocated);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{rounds} rounds; slowest walk {slowest.TotalMilliseconds:0} ms, most allocated {most >> 20} MiB; {_shortfalls} lists not whole"));
        Assert.True(rounds >= 8, $"{rounds} rounds");
        Assert.True(_shortfalls > 0, "no list was ever broken: the mutations hit nothing");
    }

    /// <summary>Looks at all entries of some directories, and reads a page of each part of what they hold.</summary>
    private static int Carve(LinuxProcess process)
    {
        var page = new byte[Frame.Size];
        foreach (var path in new[] { "/", "/bin/../bin", "/mnt/files", "/mnt/files/link" })
        {
            if (process.TryFindFile(path, out var found, out _))
                Each(found.Entries().Append(found).Append(process.ExecutableFile()).OfType<LinuxCachedFile>(), file =>
                    Drained(file.Content().Cached.Take(100), range => file.Content().TryRead(range.Offset, page)));
        }

        return Drained(process.Regions(), region => region.CachedFile()?.Size);
    }

    private static IEnumerable<int> Seeds()
    {
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Corpus", "mutated-guest.txt")))
            if (line.Length > 0 && line[0] != '#')
                yield return int.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture);
        for (var seed = IsLong ? Environment.TickCount & int.MaxValue : 1000; ; seed++)
            yield return seed;
    }

    /// <summary>The frames that a walk of the unchanged memory reads, page tables among them.</summary>
    private static Gfn[] Visited(MutatedDriver driver, LinuxKernel kernel, Action<LinuxOs> walk)
    {
        driver.Restore();
        using var core = new VmiCore(driver);
        walk(new LinuxOs(core, kernel));
        return [.. driver.Visited];
    }

    private static void Mutate(MutatedDriver driver, Gfn[] frames, Random random)
    {
        var at = Word(driver, frames, random, out _);
        Word(driver, frames, random, out var other);
        driver.Change(at, random.Next(8) switch
        {
            0 => 0,
            1 => ulong.MaxValue,
            2 => (ulong)random.NextInt64(),
            3 => other ^ 1ul << random.Next(64),
            _ => other,
        });
    }

    /// <summary>A word that is not 0, so far as one is found soon: most of a slab is empty.</summary>
    private static Pa Word(MutatedDriver driver, Gfn[] frames, Random random, out ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        var at = default(Pa);
        value = 0;
        for (var attempt = 0; attempt < 16 && value == 0; attempt++)
        {
            at = frames[random.Next(frames.Length)].Pa + (ulong)(random.Next(Frame.Size / 8) * 8);
            value = driver.Read(at, bytes) == bytes.Length ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;
        }

        return at;
    }

    private static void Each<T, TResult>(IEnumerable<T> list, Func<T, TResult> ask)
    {
        if (list is IVmiList<T> { Incomplete: not null })
            _shortfalls++;
        foreach (var entry in list)
            Try(() => ask(entry));
    }

    private static int Drained<T, TResult>(IEnumerable<T> list, Func<T, TResult> ask)
    {
        Each(list, ask);
        return 0;
    }

    private static void Try<T>(Func<T> ask) => Try(() => { _ = ask(); });

    private static void Try(Action ask)
    {
        try
        {
            ask();
        }
        catch (Exception exception) when (exception is TranslationFaultException or VmiFormatException or VmiNotSupportedException)
        {
            // Documented.
            _shortfalls++;
        }
    }
}
