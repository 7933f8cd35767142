using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vmi.Guests;
using Vmi.Linux;
using Vmi.Symbols;
using Vmi.Targets;

namespace Vmi.Bench;

/// <summary>
/// What Vmi takes on a real guest's memory file against the physical limit, each pair measured in turns within one run: translations that
/// are in no cache, a long sequential read, kallsyms, BTF. Boots a guest of 6 GiB with four-level paging, unless a file is given.
/// </summary>
internal static unsafe class SpeedRatios
{
    private const int Addresses = 100_000;
    private const int SequentialBytes = 64 << 20;
    // The first ones, as long as the compiler still works on what runs, do not count.
    private const int Turns = 60;
    private const int WarmUps = 30;
    private const ulong MostOfRegion = 16 << 20;

    public static void Run(string? file)
    {
        var folder = Directory.CreateTempSubdirectory("vmi-bench-");
        try
        {
            file ??= Dump(Path.Combine(folder.FullName, "memory.elf"));
            using var target = VmiTarget.Open(file);
            var linux = LinuxOs.Detect(target.Core);
            var driver = (IVmiRead)target.Driver;
            Console.WriteLine($"{linux.Kernel.Banner}: {new FileInfo(file).Length >> 20} MiB");
            Translations(target.Core, driver, linux);
            Sequential(target.Core, driver, linux);
            Tables(target.Core, linux);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Dump(string path)
    {
        using var guest = RunningGuest.Boot(GuestSpecs.Large612 with { Name = "Bench", FiveLevel = false, Vcpus = 1 });
        guest.DumpElf(path, paging: false);
        return path;
    }

    /// <summary>Random pages of all processes, by a core that remembers two translations: each needs the walk.</summary>
    private static void Translations(VmiCore core, IVmiRead driver, LinuxOs linux)
    {
        var pages = Pages(core, linux);
        var uncached = new VmiCore(driver, new VmiCoreOptions { TranslationCacheEntries = 1 });
        var random = new Random(1);
        var chosen = Enumerable.Range(0, Addresses).Select(_ => pages[random.Next(pages.Count)]).ToArray();
        // The addresses of the four entries on the host, known beforehand.
        var entries = new nint[Addresses * 4];
        for (var i = 0; i < chosen.Length; i++)
        {
            var walk = core.Walk(chosen[i]);
            for (var level = 0; level < 4; level++)
            {
                if (!driver.TryGetSpan(walk.Entries[level].Address, 8, out var span))
                    throw new InvalidOperationException("The file is not mapped.");
                fixed (byte* at = span)
                    entries[i * 4 + level] = (nint)at;
            }
        }

        // Zero, which the compiler does not know: each load waits for the one before.
        var none = (nint)(Environment.TickCount64 >> 63);
        Compare("uncached translation, 100,000 random pages, a dependent load per level", 6, () =>
        {
            nint value = 0;
            foreach (var entry in entries)
                value = *(nint*)(entry + (value & none));
            return (ulong)value;
        }, () =>
        {
            var sum = 0UL;
            foreach (var address in chosen)
                sum += uncached.TranslateAddress(address).Value;
            return sum;
        });
    }

    private static List<AddressContext> Pages(VmiCore core, LinuxOs linux)
    {
        var pages = new List<AddressContext>();
        foreach (var process in linux.Processes())
        {
            if (!process.TryGetTranslationRoot(out var root))
                continue;
            foreach (var region in process.Regions())
                for (var at = region.Start; at < region.End && at - region.Start < MostOfRegion; at += Frame.Size)
                    if (core.Walk((at, root)) is { Entries.Count: 4, Translation: not null })
                        pages.Add((at, root));
        }

        return pages;
    }

    private static void Sequential(VmiCore core, IVmiRead driver, LinuxOs linux)
    {
        // In the kernel's map of all memory, in one piece of the file.
        var physical = new Pa(256 << 20);
        var at = new AddressContext(new Va(linux.Kernel.DirectMapBase!.Value + physical.Value), linux.Kernel.TranslationRoot);
        var buffer = new byte[SequentialBytes];
        Compare("sequential virtual read of 64 MiB, a memcpy", 2, () =>
        {
            if (!driver.TryGetSpan(physical, SequentialBytes, out var span))
                throw new InvalidOperationException("The file is not mapped.");
            span.CopyTo(buffer);
            return buffer[^1];
        }, () =>
        {
            core.Read(at, buffer);
            return buffer[^1];
        });
    }

    private static void Tables(VmiCore core, LinuxOs linux)
    {
        var kernel = linux.Kernel;
        var bytes = new byte[kernel.ImageEnd - kernel.ImageBase];
        core.TryRead((kernel.ImageBase, kernel.TranslationRoot), bytes, out _);
        // What detection searches: the read-only data.
        var (start, end) = (kernel.Profile.Symbol("__start_rodata") - kernel.ImageBase, kernel.Profile.Symbol("__end_rodata") - kernel.ImageBase);
        var data = bytes.AsMemory((int)start, (int)(end - start));
        var image = new KernelImage(kernel.ImageBase + start, data);
        var symbols = kernel.Profile.Symbols.All().Select(symbol => Encoding.ASCII.GetBytes(symbol.Name)).ToArray();
        Compare("kallsyms found, decoded and indexed, every name made; one pass", 10, () => Pass(data.Span, symbols), () =>
        {
            var sum = 0UL;
            foreach (var table in KallsymsFinder.FindAll(image))
                foreach (var symbol in table.All())
                    sum += symbol.Address.Value + (ulong)symbol.Name.Length;
            return sum;
        });

        var blob = kernel.Profile.Types.Blob;
        var types = kernel.Profile.Types;
        var names = Enumerable.Range(1, types.Count - 1).Select(id => types[id].Name).Where(name => name.Length != 0)
            .Select(Encoding.UTF8.GetBytes).ToArray();
        Compare("BTF checked and indexed, every name made; one pass", 10, () => Pass(blob.Span, names), () =>
        {
            var parsed = BtfTypes.Parse(blob);
            var sum = parsed.TryFind("task_struct", out _) ? 1UL : 0;
            for (var id = 1; id < parsed.Count; id++)
                sum += (ulong)parsed[id].Name.Length;
            return sum;
        });
    }

    private static ulong Pass(ReadOnlySpan<byte> bytes, byte[][] names)
    {
        var sum = 0UL;
        foreach (var each in bytes)
            sum += each;
        foreach (var name in names)
            sum += (ulong)Encoding.ASCII.GetString(name).Length;
        return sum;
    }

    private static void Compare(string what, double most, Func<ulong> limit, Func<ulong> ours)
    {
        var (theirs, own, sum) = (new List<double>(), new List<double>(), 0UL);
        for (var turn = 0; turn < Turns; turn++)
        {
            var begin = Stopwatch.GetTimestamp();
            sum += limit();
            var between = Stopwatch.GetTimestamp();
            sum += ours();
            var end = Stopwatch.GetTimestamp();
            if (turn < WarmUps)
                continue;
            theirs.Add(Stopwatch.GetElapsedTime(begin, between).TotalMilliseconds);
            own.Add(Stopwatch.GetElapsedTime(between, end).TotalMilliseconds);
        }

        GC.KeepAlive(sum);
        // The least of each: what another program took of the machine is in the others.
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what}: {theirs.Min():0.0} ms, Vmi {own.Min():0.0} ms: {own.Min() / theirs.Min():0.00} times (at most {most})"));
    }
}
