using System.Globalization;
using Vmi.Cli.Tests;
using Vmi.Dumps.Tests;
using Vmi.Guests;

namespace Vmi.Live.Tests;

/// <summary>What `--tree` draws, against what findmnt(8) draws of the guest's own mountinfo and what the guest printed.</summary>
public sealed class TreeLiveTests(GuestFleet fleet)
{
    private FleetGuest Guest => fleet["Small61"];

    [Fact]
    public void Mounts_stand_below_each_other_as_findmnt_draws_them()
    {
        foreach (var process in new[] { Guest.Truth.InRole("holder"), Guest.Truth.Processes[0] })
        {
            var file = Path.GetTempFileName();
            try
            {
                File.WriteAllLines(file, process.Mounts.Select(Line));
                var drawn = Tool.Run("findmnt", "-F", file, "-n", "--ascii", "-o", "TARGET").TrimEnd('\n').Split('\n');
                Assert.Equal(process.Mounts.Count, drawn.Length);
                Assert.Equal(
                    drawn.Select(line => Place(line.Replace("\\x0a", "\\n", StringComparison.Ordinal), 2)),
                    Column("PATH", "SOURCE", "mounts", Decimal(process.Id)).Select(line => Place(line, 3)));
            }
            finally
            {
                File.Delete(file);
            }
        }
    }

    [Fact]
    public void Threads_stand_below_their_process()
    {
        var lines = VmiCommandLine.Run("threads", Guest.Elf, "--tree").Output.TrimEnd('\n').Split('\n').Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        foreach (var process in Guest.Truth.Processes.Where(each => each.Threads.Count > 1))
        {
            var at = lines.FindIndex(words => words[1] == Decimal(process.Id));
            var own = lines.GetRange(at, process.Threads.Count);
            Assert.All(own, words => Assert.Equal(Decimal(process.Id), words[0]));
            Assert.Equal(process.Threads.Count - 1, own.Count(words => words.Contains("├─") || words.Contains("└─")));
            Assert.Contains("└─", own[^1]);
        }
    }

    [Fact]
    public void Processes_stand_below_their_control_group()
    {
        var lines = Column("CONTROL GROUP", null, "namespaces");
        var holder = lines.FindIndex(line => Place(line, 3).Text == "inner");
        Assert.EndsWith("a group", lines[holder - 1]);
        Assert.Equal(Place(lines[holder], 3).Depth + 1, Place(lines[holder + 1], 3).Depth);
        Assert.Contains(Guest.Truth.InRole("holder").Name, lines[holder + 1]);
    }

    /// <summary>A column of a tree as text, without what is beside it.</summary>
    private List<string> Column(string title, string? next, string command, params string[] arguments)
    {
        var lines = VmiCommandLine.Run([command, Guest.Elf, .. arguments, "--tree"]).Output.TrimEnd('\n').Split('\n');
        var start = lines[0].IndexOf(title, StringComparison.Ordinal);
        var end = next is null ? int.MaxValue : lines[0].IndexOf(next, StringComparison.Ordinal);
        return [.. lines.Skip(1).Select(line => line[start..Math.Min(end, line.Length)].TrimEnd(' '))];
    }

    private static (int Depth, string Text) Place(string line, int step)
    {
        var text = line.TrimStart('│', '├', '└', '─', '|', '`', '-', ' ');
        return ((line.Length - text.Length) / step, text);
    }

    /// <summary>A line as mountinfo has it.</summary>
    private static string Line(TruthMount mount) => string.Create(
        CultureInfo.InvariantCulture,
        $"{mount.Id} {mount.Parent} {mount.Device} {Escape(mount.Root)} {Escape(mount.Path)} {mount.Options} {mount.Propagation} - "
        + $"{mount.FileSystem} {Escape(mount.Source)} {mount.SuperOptions}").Replace("  ", " ", StringComparison.Ordinal);

    private static string Escape(string text) => text.Replace("\\", "\\134", StringComparison.Ordinal)
        .Replace(" ", "\\040", StringComparison.Ordinal).Replace("\n", "\\012", StringComparison.Ordinal);

    private static string Decimal(int number) => number.ToString(CultureInfo.InvariantCulture);
}
