using Vmi.Guests;

namespace Vmi.Live.Tests;

/// <summary>A running guest and the memory files of one moment of it.</summary>
public sealed class FleetGuest(RunningGuest guest, GuestSpec spec, string folder) : IDisposable
{
    private readonly Lazy<string> _files = new(() => WriteFiles(guest, spec, folder));

    public GuestSpec Spec { get; } = spec;

    public RunningGuest Guest { get; } = guest;

    public GuestTruth Truth => Guest.Truth;

    /// <summary>How Vmi is told to find it.</summary>
    public string Target => $"qemu:{Guest.QmpPath}";

    /// <summary>QEMU's `info registers -a` at the moment of the files.</summary>
    public string RegistersText => File.ReadAllText($"{_files.Value}.registers.txt");

    /// <summary>The ELF vmcore.</summary>
    public string Elf => $"{_files.Value}.elf";

    /// <summary>Where the files are, named after the guest; what it printed is in NAME.truth.</summary>
    public string Folder => Path.GetDirectoryName(_files.Value)!;

    /// <summary>Every memory file of that moment.</summary>
    public IReadOnlyList<string> Files => [.. Formats(Spec).Select(ending => _files.Value + ending).Where(File.Exists)];

    /// <summary>
    /// Which files a guest is written to, a migration as the last of them: each format from at least one kernel, the large guest to those
    /// that are compact.
    /// </summary>
    public static IReadOnlyList<string> Formats(GuestSpec spec) => spec switch
    {
        { MemoryMiB: > 1024 } => [".elf", ".migrate"],
        { Forge: GuestForge.Full } => [".elf", ".raw", ".lime", ".kdump"],
        { PageTableIsolation: true } => [".elf", "-paging.elf", ".raw", ".kdump", ".migrate"],
        _ => [".elf", "-paging.elf", ".raw", ".lime"],
    };

    public void Dispose() => Guest.Dispose();

    private static string WriteFiles(RunningGuest guest, GuestSpec spec, string folder)
    {
        var name = Path.Combine(folder, spec.Name);
        using var paused = guest.Pause();
        File.WriteAllText($"{name}.registers.txt", guest.Monitor.Human("info registers -a"));
        guest.Truth.SaveTo($"{name}.truth");
        foreach (var format in Formats(spec))
        {
            switch (format)
            {
                case ".raw":
                    guest.SavePhysicalRaw(name + format);
                    break;
                case ".lime":
                    guest.SaveLime(name + format);
                    break;
                case ".kdump":
                    guest.DumpKdump(name + format);
                    break;
                case ".migrate":
                    guest.Migrate(name + format);
                    break;
                default:
                    guest.DumpElf(name + format, paging: format == "-paging.elf");
                    break;
            }
        }

        return name;
    }
}
