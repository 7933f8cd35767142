using System.Globalization;
using System.Text.RegularExpressions;
using Vmi.Amd64;

namespace Vmi.Dumps.Tests;

/// <summary>The vmcores that Vmi writes, read by readelf and compared with what they were written from.</summary>
public sealed partial class ElfCoreWriterTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Memory_is_in_the_file_but_for_pages_of_zeros_which_are_holes()
    {
        var memory = new byte[3 << 20];
        new Random(3).NextBytes(memory.AsSpan(0x5123, 0x3000));
        memory[^1] = 9;
        var source = _folder.Write("source.elf", new ElfBuilder().Vcpu().Load(0, memory).Load(0xFFFC_0000, [1, 2, 3]).Build());
        using var driver = ElfCoreDriver.Open(source);
        using var core = new VmiCore(driver);
        var progress = new List<MemoryProgress>();
        var summary = ElfCoreWriter.Write(
            _folder["out.elf"], core, new ElfCoreOptions { VmCoreInfo = "OSRELEASE=1\n", Progress = progress.Add });
        Assert.Equal(new ElfCoreSummary((3 << 20) + 3, (5 * Frame.Size) + 3, 2, 1, true, null), summary);
        Assert.Equal(summary.MemoryBytes, progress[^1].Done);
        Assert.Equal([(0UL, 3UL << 20), (0xFFFC_0000UL, 3UL)], SegmentsByReadelf("out.elf"));
        Assert.True(long.Parse(Tool.Run("stat", "-c", "%b", _folder["out.elf"]), CultureInfo.InvariantCulture) * 512 < 1 << 20);
        Assert.Equal("600", Tool.Run("stat", "-c", "%a", _folder["out.elf"]).TrimEnd());

        using var written = Assert.IsType<ElfCoreDriver>(MemoryFile.Open(_folder["out.elf"]));
        var read = new byte[memory.Length];
        Assert.Equal(read.Length, written.Read(default, read));
        Assert.Equal(memory, read);
        Assert.Equal("OSRELEASE=1\n", written.VmCoreInfo);
    }

    [Fact]
    public void The_notes_are_those_that_QEMU_wrote()
    {
        var state = ElfBuilder.QemuState();
        var builder = new ElfBuilder().Vcpu(state);
        using var driver = ElfCoreDriver.Open(_folder.Write("source.elf", builder.Load(0, new byte[64]).Build()));
        using var core = new VmiCore(driver);
        ElfCoreWriter.Write(_folder["out.elf"], core);
        using var written = ElfCoreDriver.Open(_folder["out.elf"]);
        Assert.Empty(Registers(written).Differences(Registers(driver)));
        Assert.Equal(Registers(driver).Available, Registers(written).Available);
        var notes = Tool.Run("readelf", "-nW", _folder["out.elf"]);
        Assert.Matches(@"CORE\s+0x00000150\s+NT_PRSTATUS", notes);
        Assert.Matches(@"QEMU\s+0x000001b8", notes);

        static Amd64Registers Registers(ElfCoreDriver driver) => (Amd64Registers)driver.GetRegisters(default);
    }

    [Fact]
    public void More_segments_than_the_header_can_count_are_counted_in_the_first_section()
    {
        const int ranges = 70_000;
        var builder = new ElfBuilder { CountInSection = true }.Vcpu();
        for (var i = 0UL; i < ranges; i++)
            builder.Load(i * 0x2000, [(byte)i]);
        using var driver = ElfCoreDriver.Open(_folder.Write("source.elf", builder.Build()));
        using var core = new VmiCore(driver);
        Assert.Equal(ranges, ElfCoreWriter.Write(_folder["out.elf"], core).Ranges);
        Assert.Equal(ranges, SegmentsByReadelf("out.elf").Count);
        using var written = ElfCoreDriver.Open(_folder["out.elf"]);
        Assert.Equal(driver.MemoryMap, written.MemoryMap);
        var last = new byte[1];
        Assert.Equal(1, written.Read(new Pa((ranges - 1) * 0x2000), last));
        Assert.Equal((ranges - 1) & 0xFF, last[0]);
    }

    [Fact]
    public void What_could_not_be_told_from_a_process_is_refused_and_no_file_is_left()
    {
        using var driver = RawDriver.Open(_folder.Write("memory.raw", new byte[0x2000]));
        using var core = new VmiCore(driver);
        Assert.Throws<VmiNotSupportedException>(() => ElfCoreWriter.Write(_folder["out.elf"], core));
        Assert.False(File.Exists(_folder["out.elf"]));
        // With VMCOREINFO it is known.
        ElfCoreWriter.Write(_folder["out.elf"], core, new ElfCoreOptions { VmCoreInfo = "OSRELEASE=1\n" });
        using var written = ElfCoreDriver.Open(_folder["out.elf"]);
        Assert.Equal(0, written.Info.Vcpus);
    }

    [Fact]
    public void One_that_is_cancelled_leaves_the_file_that_was_there()
    {
        using var driver = ElfCoreDriver.Open(_folder.Write("source.elf", new ElfBuilder().Vcpu().Load(0, new byte[4 << 20]).Build()));
        using var core = new VmiCore(driver);
        var path = _folder.Write("out.elf", [1, 2, 3]);
        using var ending = new CancellationTokenSource();
        var options = new ElfCoreOptions { Progress = _ => ending.Cancel() };
        Assert.Throws<OperationCanceledException>(() => ElfCoreWriter.Write(path, core, options, ending.Token));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal(2, Directory.GetFiles(Path.GetDirectoryName(path)!).Length);
    }

    private List<(ulong Start, ulong Length)> SegmentsByReadelf(string file) =>
        [.. LoadLine().Matches(Tool.Run("readelf", "-lW", _folder[file]))
            .Select(match => (Hex(match.Groups[1].Value), Hex(match.Groups[2].Value)))];

    private static ulong Hex(string digits) =>
        ulong.Parse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*LOAD\s+\S+\s+\S+\s+(\S+)\s+(\S+)", RegexOptions.Multiline)]
    private static partial Regex LoadLine();
}
