using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Vmi.Cli.Tests;

namespace Vmi.Live.Tests;

/// <summary>Where memory is missing: the result on stdout, the reason on stderr, exit code 3.</summary>
public sealed class CommandPartialTests(GuestFleet fleet)
{
    private const int Partial = 3, LoadSegment = 1, HeaderSize = 56;

    [Fact]
    public void A_list_that_lacks_something_is_a_result_with_a_reason()
    {
        var guest = fleet["Small61"];
        var secrets = guest.Truth.InRole("secrets").Id;
        var whole = ByPid(VmiCommandLine.Run("ps", guest.Elf, "--json").Json);
        var file = Path.Combine(guest.Folder, "lacking.elf");
        CopyWithout(guest.Elf, file, CommandComparisons.Hex(whole[secrets], "translation_root"));
        try
        {
            var (exitCode, output, error) = VmiCommandLine.Run("ps", file, "--json");
            Assert.Equal(Partial, exitCode);
            AssertReason(error, string.Create(CultureInfo.InvariantCulture, $"process {secrets}: "));
            var processes = ByPid(JsonDocument.Parse(output).RootElement);
            Assert.Equal(whole.Keys, processes.Keys);
            // Its command line lies in its own memory; of all others all is known.
            Assert.Equal(
                [secrets],
                processes.Keys.Where(pid => CommandLine(whole[pid]) != CommandLine(processes[pid])));

            (exitCode, output, error) = VmiCommandLine.Run("ps", file);
            Assert.Equal(Partial, exitCode);
            AssertReason(error, "process");
            Assert.Equal(whole.Count + 1, output.Count(each => each == '\n'));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Bytes_before_the_end_of_memory_are_a_result_with_a_reason()
    {
        var guest = fleet["Small61"];
        var end = (ulong)guest.Spec.MemoryMiB << 20;
        var (exitCode, output, error) = VmiCommandLine.Run("read", guest.Target, $"0x{end - 32:x}", "64", "--physical", "--json");
        Assert.Equal(Partial, exitCode);
        AssertReason(error, $"0x{end:x16}");
        Assert.Equal(32, JsonDocument.Parse(output).RootElement.GetProperty("length").GetInt32());
        Assert.True(guest.Guest.Monitor.IsRunning);
    }

    /// <summary>So short a limit is over when the kernel is found: from then on no command reads any more.</summary>
    [Fact]
    public void Each_command_keeps_a_time_limit_and_says_so()
    {
        var guest = fleet["Small61"];
        string[][] commands =
        [
            ["ps"], ["ps", "--tree"], ["threads"], ["stack", "1"], ["modules"], ["maps", "1"], ["env", "1"], ["files"], ["sockets"],
            ["mounts"], ["mounts", "--tree"], ["namespaces"], ["namespaces", "--tree"], ["syscalls"], ["check"], ["dmesg"],
            ["carve", "/bin"], ["search", "init"], ["strings"],
        ];
        var program = File.Exists(VmiCommandLine.Published) ? VmiCommandLine.Published : VmiCommandLine.Built;
        foreach (var command in commands)
        {
            var (exitCode, _, error) = VmiCommandLine.RunProgram(
                program, [command[0], guest.Elf, .. command[1..], "--time-limit", "1ms"]);
            Assert.True(exitCode is 1 or Partial, $"{string.Join(' ', command)}: {exitCode} {error}");
            Assert.Contains("the time limit of 0.001 s was reached (--time-limit)", error);
            Assert.Equal(error.Length - 1, error.IndexOf('\n'));
        }
    }

    private static Dictionary<int, JsonElement> ByPid(JsonElement processes) =>
        processes.EnumerateArray().ToDictionary(each => each.GetProperty("pid").GetInt32());

    private static string? CommandLine(JsonElement process) => CommandComparisons.Text(process, "command_line");

    private static void AssertReason(string error, string expected)
    {
        Assert.StartsWith("vmi: the result is partial: ", error);
        Assert.Contains(expected, error);
        Assert.Equal(error.Length - 1, error.IndexOf('\n'));
    }

    /// <summary>Copies a vmcore without one frame: its segment becomes two, in program headers that are written anew at the end.</summary>
    private static void CopyWithout(string source, string destination, ulong frame)
    {
        File.Copy(source, destination);
        using var file = File.Open(destination, FileMode.Open);
        var header = new byte[64];
        file.ReadExactly(header);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(56));
        var old = new byte[count * HeaderSize];
        file.Position = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(32));
        file.ReadExactly(old);
        List<byte[]> segments = [.. old.Chunk(HeaderSize)];
        var split = segments.Single(each => BinaryPrimitives.ReadUInt32LittleEndian(each) == LoadSegment
            && frame - Word(each, 24) < Word(each, 32));
        var rest = (byte[])split.Clone();
        var before = frame - Word(split, 24);
        // p_offset, p_vaddr and p_paddr of what follows the frame; p_filesz and p_memsz of both.
        foreach (var field in new[] { 8, 16, 24 })
            BinaryPrimitives.WriteUInt64LittleEndian(rest.AsSpan(field), Word(rest, field) + before + Frame.Size);
        foreach (var field in new[] { 32, 40 })
        {
            BinaryPrimitives.WriteUInt64LittleEndian(rest.AsSpan(field), Word(split, 32) - before - Frame.Size);
            BinaryPrimitives.WriteUInt64LittleEndian(split.AsSpan(field), before);
        }

        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(32), file.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(56), (ushort)(count + 1));
        file.Position = file.Length;
        foreach (var segment in segments.Append(rest))
            file.Write(segment);
        file.Position = 0;
        file.Write(header);
    }

    private static ulong Word(byte[] bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
}
