using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Vmi.Guests;

/// <summary>Writes a guest's memory to files of several formats, each of one moment.</summary>
internal static partial class MemoryFiles
{
    private const int BlockSize = 1 << 16;

    public static void WriteElf(RunningGuest guest, string path, bool paging)
    {
        // QEMU writes pages that the guest never touched, too, which for a large guest are most. Through a pipe they never become file.
        string pipe = guest.PathOf("pipe");
        using (Process make = Process.Start("mkfifo", [pipe]))
            make.WaitForExit();
        using FileStream output = File.Create(path);
        Task copy = Task.Factory.StartNew(() => CopyPipe(pipe, output), TaskCreationOptions.LongRunning);
        try
        {
            guest.Monitor.Execute("dump-guest-memory", new JsonObject { ["paging"] = paging, ["protocol"] = "file:" + pipe });
        }
        catch (GuestException)
        {
            // Ends a reader to whom QEMU has never come.
            File.OpenWrite(pipe).Dispose();
            throw;
        }
        finally
        {
            copy.Wait();
            File.Delete(pipe);
        }
    }

    public static void WriteRaw(RunningGuest guest, string path)
    {
        using IDisposable paused = guest.Pause();
        using FileStream output = File.Create(path);
        foreach (TruthRange range in RamOf(guest))
        {
            output.Position = (long)range.Start;
            Append(guest, range, output);
        }
        output.SetLength(output.Position);
    }

    public static void WriteLime(RunningGuest guest, string path)
    {
        using IDisposable paused = guest.Pause();
        using FileStream output = File.Create(path);
        Span<byte> header = stackalloc byte[32];
        foreach (TruthRange range in guest.Truth.PhysicalRanges.Where(range => range.Name == "System RAM"))
        {
            header.Clear();
            "EMiL"u8.CopyTo(header);
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], 1);
            BinaryPrimitives.WriteUInt64LittleEndian(header[8..], range.Start);
            BinaryPrimitives.WriteUInt64LittleEndian(header[16..], range.Last);
            output.Write(header);
            Append(guest, range, output);
        }
        output.SetLength(output.Position);
    }

    /// <summary>Where QEMU has RAM of the guest, by its own answer, in order. Ranges that touch are one.</summary>
    private static List<TruthRange> RamOf(RunningGuest guest)
    {
        string views = guest.Monitor.Human("info mtree -f");
        string memory = views.Split("FlatView #").First(view => view.Contains("AS \"memory\"", StringComparison.Ordinal));
        List<TruthRange> ranges = [];
        foreach (Match match in RamLine().Matches(memory))
        {
            var range = new TruthRange(0, Hex(match, 1), Hex(match, 2), "RAM");
            if (ranges.Count > 0 && ranges[^1].Last + 1 == range.Start)
                ranges[^1] = ranges[^1] with { Last = range.Last };
            else
                ranges.Add(range);
        }
        return ranges;
    }

    private static ulong Hex(Match match, int group)
        => ulong.Parse(match.Groups[group].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static void CopyPipe(string pipe, FileStream output)
    {
        using var input = new FileStream(pipe, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        AppendSparse(input, output);
        output.SetLength(output.Position);
    }

    private static void Append(RunningGuest guest, TruthRange range, FileStream output)
    {
        string part = guest.PathOf("part");
        guest.Monitor.Execute("pmemsave", new JsonObject { ["val"] = range.Start, ["size"] = range.Size, ["filename"] = part });
        using FileStream input = File.OpenRead(part);
        File.Delete(part);
        AppendSparse(input, output);
    }

    /// <summary>Appends what a stream has; blocks of zeros become holes.</summary>
    private static void AppendSparse(Stream input, FileStream output)
    {
        var block = new byte[BlockSize];
        for (int length; (length = input.ReadAtLeast(block, block.Length, throwOnEndOfStream: false)) > 0;)
        {
            if (block.AsSpan(0, length).ContainsAnyExcept((byte)0))
                output.Write(block, 0, length);
            else
                output.Position += length;
        }
    }

    // RAM bears the name of the machine's memory or of the backend; firmware in ROMs of its own lies at the end of 4 GiB.
    [GeneratedRegex(@"^ *([0-9a-f]+)-([0-9a-f]+) \(prio \d+, (?:ram|rom|romd)\): (?:pc\.)?ram(?: @[0-9a-f]+)?(?: KVM)?$",
        RegexOptions.Multiline)]
    private static partial Regex RamLine();
}
