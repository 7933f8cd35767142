using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Vmi.Amd64;
using Vmi.Tests.Fakes;

namespace Vmi.Tests.Cpu;

/// <summary>
/// One of the programs in tests/Vmi.Guests/bootprograms, assembled, booted under QEMU and halted after its probes: its memory, its
/// registers in QEMU's words, and what the CPU said to each probe.
/// </summary>
internal sealed class BootProgram : IDisposable
{
    private const int MemoryMiB = 16;
    private const int Probes = 0x280000;
    private const int Results = 0x2a0000;
    private const ulong TextStart = 0x100000;
    private const string ObjectFile = "program.o";

    private readonly string _folder;
    private readonly Process _qemu;

    private BootProgram(string folder, Process qemu)
    {
        _folder = folder;
        _qemu = qemu;
        Monitor = new QemuMonitor(Path.Combine(folder, "qmp"));
        Monitor.Execute("stop");
        var memory = Path.Combine(folder, "memory");
        Monitor.Execute("pmemsave", new JsonObject { ["val"] = 0, ["size"] = MemoryMiB << 20, ["filename"] = memory });
        Driver = new FakeMemoryDriver((MemoryMiB << 20) / Frame.Size, maps: true);
        File.ReadAllBytes(memory).CopyTo(Driver.Memory);
        Registers = QemuRegisters.Parse(Monitor.Human("info registers"));
    }

    public QemuMonitor Monitor { get; }

    public FakeMemoryDriver Driver { get; }

    public Amd64Registers Registers { get; }

    public static BootProgram Boot(string source, string symbol)
    {
        var sources = SourceFolder();
        var folder = Directory.CreateTempSubdirectory("vmi-boot-").FullName;
        Process? qemu = null;
        try
        {
            var image = Build(Path.Combine(sources, source), symbol, folder);
            // phys-bits is what TCG has anyhow; the tables of the programs set bits above it.
            qemu = Start(
                "qemu-system-x86_64", "-nodefaults", "-accel", "tcg", "-cpu", "max,phys-bits=40", "-m", $"{MemoryMiB}", "-display", "none",
                "-no-reboot", "-kernel", image, "-serial", "stdio", "-qmp", $"unix:{Path.Combine(folder, "qmp")},server=on,wait=off");
            WaitUntilReady(qemu);
            return new BootProgram(folder, qemu);
        }
        catch
        {
            Remove(folder, qemu);
            throw;
        }
    }

    /// <summary>The probes, with the four outcomes of each: read, write, execute, read with SMAP.</summary>
    public IReadOnlyList<(ulong Address, uint[] Outcomes)> ReadProbes()
    {
        var memory = Driver.Memory;
        var probes = new (ulong, uint[])[BinaryPrimitives.ReadInt32LittleEndian(memory[Probes..])];
        for (var i = 0; i < probes.Length; i++)
        {
            var outcomes = new uint[4];
            for (var way = 0; way < 4; way++)
                outcomes[way] = BinaryPrimitives.ReadUInt32LittleEndian(memory[(Results + 16 * i + 4 * way)..]);
            probes[i] = (BinaryPrimitives.ReadUInt64LittleEndian(memory[(Probes + 8 + 16 * i)..]), outcomes);
        }

        return probes;
    }

    /// <summary>What QEMU's own walk (`gva2gpa`, which looks at no reserved bits) says; null for unmapped.</summary>
    public ulong? GvaToGpa(ulong address)
    {
        const string mapped = "gpa: ";
        var answer = Monitor.Human($"gva2gpa 0x{address:x}").Trim();
        if (answer == "Unmapped")
            return null;
        // C's %#x: a zero stands without its 0x.
        return answer.StartsWith(mapped, StringComparison.Ordinal)
            ? Convert.ToUInt64(answer[mapped.Length..], 16)
            : throw new InvalidOperationException(answer);
    }

    /// <summary>The address of a label of the program's code, as `nm` has it.</summary>
    public ulong AddressOf(string label)
    {
        foreach (var line in Run("nm", Path.Combine(_folder, ObjectFile)).Split('\n'))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var offset, "t" or "T", var name] && name == label)
                return TextStart + ulong.Parse(offset, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        throw new InvalidOperationException($"no label {label}");
    }

    public void Dispose()
    {
        Monitor.Dispose();
        Remove(_folder, _qemu);
    }

    private static void Remove(string folder, Process? qemu)
    {
        qemu?.Kill();
        qemu?.WaitForExit();
        qemu?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static string Build(string source, string symbol, string folder)
    {
        var code = Path.Combine(folder, ObjectFile);
        var image = Path.Combine(folder, "program.bin");
        Run("as", "--64", "-I", Path.GetDirectoryName(source)!, "--defsym", symbol, "-o", code, source);
        Run(
            "ld", "-m", "elf_x86_64", "--oformat", "binary", "-e", "_start", $"-Ttext=0x{TextStart:x}", "-Tdata=0x110000",
            "--section-start=.tables=0x200000", "-o", image, code);
        return image;
    }

    private static void WaitUntilReady(Process qemu)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        string? line;
        do
        {
            line = qemu.StandardOutput.ReadLineAsync(patience.Token).AsTask().GetAwaiter().GetResult()
                ?? throw new InvalidOperationException($"QEMU ended before the program was ready: {qemu.StandardError.ReadToEnd()}");
        }
        while (!line.EndsWith("READY", StringComparison.Ordinal));
    }

    /// <summary>The repository is above the test program, or, with another artifacts path, where it was compiled.</summary>
    private static string SourceFolder([CallerFilePath] string thisFile = "")
    {
        foreach (var start in (string[])[AppContext.BaseDirectory, thisFile])
        {
            for (var folder = Path.GetDirectoryName(start); folder is not null; folder = Path.GetDirectoryName(folder))
            {
                var candidate = Path.Combine(folder, "tests", "Vmi.Guests", "bootprograms");
                if (Directory.Exists(candidate))
                    return candidate;
            }
        }

        throw new DirectoryNotFoundException("tests/Vmi.Guests/bootprograms is not to be found from here.");
    }

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program}: {errors.GetAwaiter().GetResult()}");
    }
}
