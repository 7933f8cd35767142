using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Vmi.Xen.Comparison;

/// <summary>What the commands that show events said, against what the guest's exercise does (userland/exercise.c), and where it said it is.</summary>
internal sealed partial class ExerciseComparisons
{
    private readonly string _code, _data;

    /// <param name="console">What the guest printed.</param>
    public ExerciseComparisons(string console)
    {
        var line = File.ReadLines(console, System.Text.Encoding.Latin1).First(each => each.Contains("VMI-EXERCISE", StringComparison.Ordinal));
        var fields = FieldPattern().Matches(line).ToDictionary(each => each.Groups[1].Value, each => each.Groups[2].Value);
        Pid = int.Parse(fields["pid"], CultureInfo.InvariantCulture);
        (_code, _data) = (fields["code"], fields["data"]);
    }

    /// <summary>The exercise's process.</summary>
    public int Pid { get; }

    /// <summary>In each round it forbids RDTSC, allows it again, and sleeps.</summary>
    public void CompareSyscalls(IReadOnlyList<JsonElement> calls)
    {
        Assert.Equal(12, calls.Count);
        Assert.All(calls, call => Assert.Equal((Pid, Pid, "zoo"), Who(call)));
        var round = calls.Where(call => Text(call, "syscall") is "prctl" or "clock_nanosleep").Select(Describe).ToList();
        Assert.Equal(["prctl 0x2 0", "prctl 0x1 0", "clock_nanosleep {tv_sec=0, tv_nsec=20000000} 0"], round.Distinct().Order(
            Comparer<string>.Create((one, other) => Order(one).CompareTo(Order(other)))));
        Assert.All(round.Zip(round.Skip(1)), pair => Assert.Equal((Order(pair.First) + 1) % 3, Order(pair.Second)));
        Assert.True(round.Count >= 6, $"{round.Count} of them");
        // What else a round has is the signal's mask.
        Assert.All(calls.Where(call => Text(call, "syscall") is not ("prctl" or "clock_nanosleep")),
            call => Assert.Contains(Text(call, "syscall"), (string[])["rt_sigprocmask", "rt_sigreturn"]));
    }

    /// <summary>It calls its page of code once a round, with the number of the round.</summary>
    public void CompareBreak(IReadOnlyList<JsonElement> hits)
    {
        Assert.Equal(5, hits.Count);
        Assert.All(hits, hit =>
        {
            Assert.Equal((Pid, Pid, "zoo"), Who(hit));
            Assert.Equal(_code, Text(hit, "address"));
            Assert.Equal(_code, hit.GetProperty("registers").GetProperty("rip").GetString());
            Assert.True(hit.GetProperty("stack")[0].GetProperty("user_mode").GetBoolean());
        });
        AssertConsecutive(hits.Select(hit => hit.GetProperty("registers").GetProperty("rdi").GetString()!));
    }

    /// <summary>It counts its rounds in the first bytes of its data; what it writes beside them is not seen.</summary>
    public void CompareWatch(IReadOnlyList<JsonElement> touches)
    {
        Assert.Equal(5, touches.Count);
        Assert.All(touches, touch =>
        {
            Assert.Equal((Pid, Pid, "zoo"), Who(touch));
            Assert.Equal((_data, "write"), (Text(touch, "address"), Text(touch, "access")));
        });
        AssertConsecutive(touches.Select(touch => Text(touch, "after")!).Prepend(Text(touches[0], "before")!));
        Assert.Equal(touches.Select(touch => Text(touch, "after")).SkipLast(1), touches.Select(touch => Text(touch, "before")).Skip(1));
        Assert.Single(touches.Select(touch => Text(touch, "instruction_pointer")).Distinct());
    }

    /// <summary>It executed two programs when it was told to.</summary>
    public void CompareExec(IReadOnlyList<JsonElement> programs)
    {
        Assert.Equal(2, programs.Count);
        Assert.All(programs, program =>
        {
            Assert.Equal(("execve", 0L), (Text(program, "syscall"), program.GetProperty("result").GetInt64()));
            Assert.Equal("/bin/zoo", program.GetProperty("arguments")[0].GetString());
            Assert.Contains("an argument", program.GetProperty("arguments")[1].GetString());
        });
        Assert.Equal(2, programs.Select(program => program.GetProperty("pid").GetInt32()).Distinct().Count());
    }

    private static int Order(string call) => call.StartsWith("prctl 0x2", StringComparison.Ordinal) ? 0
        : call.StartsWith("prctl", StringComparison.Ordinal) ? 1 : 2;

    private static string Describe(JsonElement call)
    {
        var argument = Text(call, "syscall") == "prctl" ? 1 : 2;
        return $"{Text(call, "syscall")} {call.GetProperty("arguments")[argument].GetString()} {call.GetProperty("result").GetInt64()}";
    }

    private static void AssertConsecutive(IEnumerable<string> numbers)
    {
        var values = numbers.Select(each => Convert.ToUInt32(each, 16)).ToList();
        Assert.Equal(Enumerable.Range(0, values.Count).Select(i => values[0] + (uint)i), values);
    }

    private static (int Pid, int Tid, string? Name) Who(JsonElement line) =>
        (line.GetProperty("pid").GetInt32(), line.GetProperty("tid").GetInt32(), Text(line, "name"));

    private static string? Text(JsonElement line, string property) => line.GetProperty(property).GetString();

    [GeneratedRegex("([a-z_]+)=([0-9a-fx]+)")]
    private static partial Regex FieldPattern();
}
