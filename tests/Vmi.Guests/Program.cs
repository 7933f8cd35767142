using System.Runtime.InteropServices;

namespace Vmi.Guests;

/// <summary>The guests from a shell: for demonstrations, and for a look by hand.</summary>
internal static class Program
{
    private const string Usage = """
        usage: list                                              the standard guests
               boot NAME                                         boot one; print pid and monitor socket; until Ctrl-C or SIGTERM
               control NAME                                      boot one; then each line of input is a command for its puppet
               dump NAME {elf|elf-paging|raw|lime FILE}...       boot one and write its memory of one moment to files
               truth NAME DIRECTORY                              boot one and write what it says about itself to a directory
        """;

    private static int Main(string[] arguments)
    {
        try
        {
            switch (arguments)
            {
                case ["list"]:
                    foreach (GuestSpec spec in GuestSpecs.Gate.Concat(GuestSpecs.Others))
                        Console.WriteLine(spec);
                    return 0;
                case ["boot", var name]:
                    BootAndWait(GuestSpecs.Find(name));
                    return 0;
                case ["control", var name]:
                    Control(GuestSpecs.Find(name));
                    return 0;
                case ["dump", var name, .. { Length: > 0 } files] when files.Length % 2 == 0:
                    Dump(GuestSpecs.Find(name), files);
                    return 0;
                case ["truth", var name, var directory]:
                    using (RunningGuest guest = RunningGuest.Boot(GuestSpecs.Find(name)))
                        guest.Truth.SaveTo(directory);
                    return 0;
                default:
                    Console.Error.WriteLine(Usage);
                    return 2;
            }
        }
        catch (Exception exception) when (exception is GuestException or ArgumentException or IOException)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
    }

    private static void BootAndWait(GuestSpec spec)
    {
        using var ended = new ManualResetEventSlim();
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            ended.Set();
        }

        using RunningGuest guest = RunningGuest.Boot(spec);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        Console.WriteLine($"pid {guest.Pid}");
        Console.WriteLine($"qmp {guest.QmpPath}");
        ended.Wait();
    }

    private static void Control(GuestSpec spec)
    {
        using RunningGuest guest = RunningGuest.Boot(spec);
        Console.WriteLine($"pid {guest.Pid}");
        Console.WriteLine($"qmp {guest.QmpPath}");
        while (Console.ReadLine() is { } line)
        {
            try
            {
                Console.WriteLine(guest.Control.Send(line));
            }
            catch (GuestException exception)
            {
                Console.WriteLine(exception.Message);
            }
        }
    }

    /// <param name="spec">What is booted.</param>
    /// <param name="files">A format and a path, again and again.</param>
    private static void Dump(GuestSpec spec, string[] files)
    {
        (string Path, Action<RunningGuest, string> Save)[] wanted = [.. files.Chunk(2).Select(pair => (pair[1], Writer(pair[0])))];
        using RunningGuest guest = RunningGuest.Boot(spec);
        using IDisposable paused = guest.Pause();
        foreach ((string path, Action<RunningGuest, string> save) in wanted)
            save(guest, path);
    }

    private static Action<RunningGuest, string> Writer(string format) => format switch
    {
        "elf" => (guest, path) => guest.DumpElf(path, paging: false),
        "elf-paging" => (guest, path) => guest.DumpElf(path, paging: true),
        "raw" => (guest, path) => guest.SavePhysicalRaw(path),
        "lime" => (guest, path) => guest.SaveLime(path),
        _ => throw new ArgumentException($"There is no format {format}.\n{Usage}"),
    };
}
