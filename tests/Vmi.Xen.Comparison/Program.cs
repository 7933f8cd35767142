using System.Globalization;
using System.Text.Json;
using Vmi.Guests;
using Vmi.Live.Tests;
using Xunit.Sdk;

namespace Vmi.Xen.Comparison;

/// <summary>
/// Compares what the <c>vmi</c> command said in dom0 of a running domain, and what it says here of that domain's <c>xl dump-core</c> file,
/// with what the guest printed: <c>Vmi.Xen.Comparison DIRECTORY VMI</c>. A line for each check, and last <c>N passed, N failed</c>.
/// </summary>
internal static class Program
{
    /// <summary>What guest.cfg and the guest's kernel make it: 160 MiB without the hole below 1 MiB.</summary>
    private static readonly GuestSpec Spec = new() { Name = "guest", Kernel = "6.1", MemoryMiB = 159 };

    /// <summary>What checks.sh asks about the domain.</summary>
    private static readonly IReadOnlyList<Action<CommandComparisons.Ask, GuestSpec, GuestTruth>> Asked =
    [
        CommandComparisons.ComparePs, CommandComparisons.CompareModules, CommandComparisons.CompareMaps, CommandComparisons.CompareDmesg,
        CommandComparisons.CompareSym,
    ];

    private static int _passed, _failed;

    private static int Main(string[] arguments)
    {
        if (arguments is not [var directory, var vmi])
        {
            Console.Error.WriteLine("usage: Vmi.Xen.Comparison DIRECTORY VMI");
            return 2;
        }

        var truth = GuestTruth.Load(Path.Combine(directory, "truth"));
        var exercise = new ExerciseComparisons(Path.Combine(directory, "console"));
        var answers = new RecordedAnswers(Path.Combine(directory, "live"));
        CommandComparisons.Ask recorded = answers.Ask;
        var live = Without(exercise.Pid, recorded);
        var dump = Without(exercise.Pid, CommandComparisons.Asking(vmi, Path.Combine(directory, "core")));
        foreach (var compare in Asked)
            Check($"vmi {NameOf(compare)} on xen: is what the guest printed", () => compare(live, Spec, truth));
        foreach (var compare in CommandComparisons.Main)
            Check($"vmi {NameOf(compare)} on an xl dump-core file is what the guest printed", () => compare(dump, Spec, truth));
        Check("vmi trace syscalls on xen: has the calls of the guest's program, in their order", () =>
            exercise.CompareSyscalls(answers.Lines("trace_syscalls")));
        Check("vmi trace exec on xen: has the programs that the guest executed", () => exercise.CompareExec(answers.Lines("trace_exec")));
        Check("vmi break on xen: has each call of a function, with its argument", () => exercise.CompareBreak(answers.Lines("break")));
        Check("vmi watch on xen: has each write of a variable, and nothing beside it", () => exercise.CompareWatch(answers.Lines("watch")));
        Check("vmi list has the domain, by its number and its name", () =>
        {
            var listed = Assert.Single(recorded("list").EnumerateArray(), each => each.GetProperty("name").GetString() == "guest");
            Assert.Equal("xen", listed.GetProperty("accelerator").GetString());
            Assert.Matches("^xen:[1-9]", listed.GetProperty("target").GetString());
        });
        Check("vmi registers says of the file what it says of the domain", () =>
        {
            var vcpu = recorded("registers")[0];
            // The file has no hidden parts of segments: what it lacks, it says it lacks.
            var known = dump("registers")[0].EnumerateObject().Where(each => each.Value.ValueKind != JsonValueKind.Null).ToList();
            Assert.True(known.Count > 20);
            Assert.All(known, each => Assert.Equal(vcpu.GetProperty(each.Name).ToString(), each.Value.ToString()));
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_passed} passed, {_failed} failed"));
        return _failed == 0 ? 0 : 1;
    }

    private static string NameOf(Delegate compare) => compare.Method.Name["Compare".Length..].ToLowerInvariant();

    /// <summary>Without the process that began its exercises, with children, after the guest had printed what there is.</summary>
    private static CommandComparisons.Ask Without(int process, CommandComparisons.Ask ask) => (command, arguments) =>
    {
        var answer = ask(command, arguments);
        return command == "ps"
            ? JsonSerializer.SerializeToElement(answer.EnumerateArray()
                .Where(each => each.GetProperty("pid").GetInt32() != process && each.GetProperty("ppid").GetInt32() != process))
            : answer;
    };

    private static void Check(string name, Action check)
    {
        try
        {
            check();
            _passed++;
            Console.WriteLine($"ok {name}");
        }
        catch (Exception exception) when (exception is XunitException or IOException or JsonException or KeyNotFoundException
            or InvalidOperationException or GuestException)
        {
            _failed++;
            Console.WriteLine($"FAIL {name}: {exception.Message}");
        }
    }
}
