using System.Globalization;
using System.Text;

namespace Vmi.Guests;

/// <summary>What a guest printed about itself when it had come to rest.</summary>
public sealed class GuestTruth
{
    /// <summary>The process that printed, and that saw itself running.</summary>
    public const int PrinterId = 1;

    private readonly OrderedDictionary<string, byte[]> _files;
    private readonly Lazy<IReadOnlyList<TruthSymbol>> _symbols;
    private readonly Lazy<Dictionary<string, ulong>> _kernelSymbols;
    private readonly Lazy<IReadOnlyList<TruthProcess>> _processes;
    private readonly Dictionary<int, string> _roles;

    private GuestTruth(OrderedDictionary<string, byte[]> files)
    {
        _files = files;
        _symbols = new(() => [.. Lines("proc/kallsyms").Select(TruthParser.Symbol)]);
        // Where static symbols share a name, the first is as good as any: tests look up those that are there once.
        _kernelSymbols = new(() => Symbols.Where(symbol => symbol.Module is null)
            .DistinctBy(symbol => symbol.Name).ToDictionary(symbol => symbol.Name, symbol => symbol.Address, StringComparer.Ordinal));
        _processes = new(ReadProcesses);
        _roles = Lines("zoo").Select(line => line.Split(' '))
            .ToDictionary(words => int.Parse(words[0], CultureInfo.InvariantCulture), words => words[1]);
    }

    /// <summary>Everything that was printed, as it was: files of the guest under their paths without the leading slash, and
    /// <c>zoo</c>, <c>pages</c>, <c>texts</c>, <c>dmesg</c> of our userland's own.</summary>
    public IReadOnlyDictionary<string, byte[]> Files => _files;

    /// <summary>The kernel's banner (<c>/proc/version</c>), without its line feed.</summary>
    public string Version => Text("proc/version").TrimEnd('\n');

    /// <summary>The kernel's release, such as <c>6.1.0-50-cloud-amd64</c>.</summary>
    public string Release => Text("proc/sys/kernel/osrelease").TrimEnd('\n');

    /// <summary>The kernel's command line, without its line feed.</summary>
    public string CommandLine => Text("proc/cmdline").TrimEnd('\n');

    /// <summary>How long the guest had been up when it printed. It has gone on since.</summary>
    public TimeSpan Uptime => TimeSpan.FromSeconds(double.Parse(Text("proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture));

    /// <summary>The kernel's modules, in the kernel's order (the last loaded first).</summary>
    public IReadOnlyList<TruthModule> Modules => [.. Lines("proc/modules").Select(TruthParser.Module)];

    /// <summary>Every symbol that the kernel and its modules have.</summary>
    public IReadOnlyList<TruthSymbol> Symbols => _symbols.Value;

    /// <summary>The physical address space, as the kernel sees it.</summary>
    public IReadOnlyList<TruthRange> PhysicalRanges => [.. Lines("proc/iomem").Select(TruthParser.Range)];

    /// <summary>The kernel's log, as <c>dmesg --raw</c> has it; printed last of all.</summary>
    public string Log => Text("dmesg");

    /// <summary>The kernel's log by record.</summary>
    public IReadOnlyList<TruthLogRecord> LogRecords => [.. Lines("dev/kmsg").Select(TruthParser.LogRecord).OfType<TruthLogRecord>()];

    /// <summary>Every process, kernel threads included, by id.</summary>
    public IReadOnlyList<TruthProcess> Processes => _processes.Value;

    /// <summary>Pages whose place in physical memory is known.</summary>
    public IReadOnlyList<TruthPage> Pages => [.. Lines("pages").Select(TruthParser.Page)];

    /// <summary>Content that is known.</summary>
    public IReadOnlyList<TruthContent> Contents => [.. Lines("texts").Select(TruthParser.Content)];

    /// <summary>The kernel's types.</summary>
    public byte[] Btf => _files["sys/kernel/btf/vmlinux"];

    /// <summary>The physical address and the size of the kernel's VMCOREINFO note.</summary>
    public (ulong Address, ulong Size) VmcoreInfo
    {
        get
        {
            string[] words = Text("sys/kernel/vmcoreinfo").TrimEnd('\n').Split(' ');
            return (TruthParser.Hex(words[0]), TruthParser.Hex(words[1]));
        }
    }

    /// <summary>Reads what a guest printed.</summary>
    /// <exception cref="GuestException">It is not whole.</exception>
    public static GuestTruth Load(string path) => new(TruthFiles.Read(path));

    /// <summary>A printed file as text.</summary>
    public string Text(string file) => Encoding.UTF8.GetString(_files[file]);

    /// <summary>The address of a symbol of the kernel itself.</summary>
    public ulong KernelSymbol(string name) => _kernelSymbols.Value[name];

    /// <summary>The process that was started in a role of the zoo, such as <c>secrets</c>.</summary>
    public TruthProcess InRole(string role) => Processes.First(process => process.Role == role);

    /// <summary>A page by the role of its process and its own name.</summary>
    public TruthPage Page(string role, string name) => Pages.First(page => page.ProcessId == InRole(role).Id && page.Name == name);

    /// <summary>Known content by its name.</summary>
    public TruthContent Content(string name) => Contents.First(content => content.Name == name);

    /// <summary>The sockets that <c>/proc/net</c> shows in the network of a process.</summary>
    /// <param name="process">The printer (pid 1), or another whose network was printed.</param>
    /// <param name="table">Such as <c>tcp</c>.</param>
    public IReadOnlyList<TruthSocket> Sockets(int process, string table)
        => _files.TryGetValue($"proc/{process}/net/{table}", out byte[]? file)
            ? [.. TruthParser.Lines(file).Skip(1).Select(line => TruthParser.Socket(table, line))] : [];

    /// <summary>Writes each printed file to a directory.</summary>
    public void SaveTo(string directory)
    {
        foreach ((string name, byte[] content) in _files)
        {
            string path = Path.Combine(directory, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }
    }

    private IEnumerable<string> Lines(string file) => _files.TryGetValue(file, out byte[]? content) ? TruthParser.Lines(content) : [];

    private IReadOnlyList<TruthProcess> ReadProcesses()
        => [.. _files.Keys.Select(name => name.Split('/'))
            .Where(parts => parts is ["proc", _, "stat"] && char.IsAsciiDigit(parts[1][0]))
            .Select(parts => ReadProcess(int.Parse(parts[1], CultureInfo.InvariantCulture)))];

    private TruthProcess ReadProcess(int id)
    {
        string directory = $"proc/{id}/";
        string[] fields = TruthParser.StatFields(_files[directory + "stat"]);
        byte[] status = _files[directory + "status"], shown = _files[directory + "comm"][..^1];
        uint flags = uint.Parse(fields[6], CultureInfo.InvariantCulture);
        return new TruthProcess
        {
            Id = id,
            ParentId = int.Parse(fields[1], CultureInfo.InvariantCulture),
            Role = _roles.GetValueOrDefault(id),
            RawName = TruthParser.TaskName(shown, flags),
            ShownName = shown,
            State = fields[0][0],
            Flags = flags,
            StartTicks = ulong.Parse(fields[19], CultureInfo.InvariantCulture),
            UserIds = TruthParser.StatusNumbers(status, "Uid"),
            GroupIds = TruthParser.StatusNumbers(status, "Gid"),
            RawCommandLine = _files[directory + "cmdline"],
            RawExecutable = _files.GetValueOrDefault(directory + "exe"),
            RawWorkingDirectory = _files.GetValueOrDefault(directory + "cwd"),
            RawRoot = _files.GetValueOrDefault(directory + "root"),
            RawEnvironment = _files.GetValueOrDefault(directory + "environ") ?? [],
            Files = ReadFiles(directory),
            Mounts = [.. Lines(directory + "mountinfo").Select(TruthParser.Mount)],
            Mappings = [.. TruthParser.Mappings(_files.GetValueOrDefault(directory + "maps") ?? [])],
            Threads = ReadThreads(directory + "task/", flags),
        };
    }

    private List<TruthOpenFile> ReadFiles(string directory)
        => [.. _files.Keys.Where(name => name.StartsWith(directory + "fd/", StringComparison.Ordinal))
            .Select(name => int.Parse(name[(directory.Length + 3)..], CultureInfo.InvariantCulture)).Order()
            .Select(number => TruthParser.OpenFile(number, _files[$"{directory}fd/{number}"], Text($"{directory}fdinfo/{number}")))];

    private List<TruthThread> ReadThreads(string directory, uint flags)
    {
        List<TruthThread> threads = [];
        foreach (string name in _files.Keys)
        {
            if (!name.StartsWith(directory, StringComparison.Ordinal) || !name.EndsWith("/stat", StringComparison.Ordinal))
                continue;
            string id = name[directory.Length..^"/stat".Length];
            string[] fields = TruthParser.StatFields(_files[name]);
            threads.Add(new TruthThread(int.Parse(id, CultureInfo.InvariantCulture),
                TruthParser.TaskName(_files[$"{directory}{id}/comm"][..^1], flags), fields[0][0],
                ulong.Parse(fields[19], CultureInfo.InvariantCulture), TruthParser.Switches(_files[$"{directory}{id}/status"]),
                [.. Lines($"{directory}{id}/stack").Select(TruthParser.StackFrame)], Text($"{directory}{id}/syscall").TrimEnd('\n')));
        }
        return threads;
    }
}
