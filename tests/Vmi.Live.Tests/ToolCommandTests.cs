using System.Globalization;
using System.Text.Json;
using Vmi.Cli.Tests;
using Vmi.Guests;

namespace Vmi.Live.Tests;

/// <summary>`vmi break`, `watch` and `step` against what the guest's own programs did.</summary>
public sealed class ToolCommandTests(TracedGuests guests)
{
    private const int Interrupt = 2, Terminate = 15, Interrupted = 130;
    private const string Ready = "events are shown from now on";

    [Theory]
    [MemberData(nameof(TracedGuests.Names), MemberType = typeof(TracedGuests))]
    public void Break_shows_each_call_of_a_programs_function_with_its_argument(string name)
    {
        var guest = guests[name];
        using var loop = guest.Control.Start("loop 20");
        // The first run brings the pages in: an instruction that faults comes by again.
        Assert.Equal("ok counters=20", loop.Go());
        var hits = Follow(guest, () => Assert.Equal("ok counters=40", loop.Go()),
            "break", Hex(loop.Address("tick")), "--pid", Decimal(loop.Pid), "--count", "20");
        Assert.Equal(20, hits.Count);
        Assert.All(hits, hit =>
        {
            Assert.Equal((loop.Pid, loop.Pid, "loop"), Who(hit));
            Assert.Equal(Hex(loop.Address("tick")), Text(hit, "address"));
            Assert.Equal(Hex(loop.Address("counters")), Text(hit, "arguments", 0));
            Assert.Equal(Text(hit, "arguments", 0), hit.GetProperty("registers").GetProperty("rdi").GetString());
            Assert.True(hit.GetProperty("stack").EnumerateArray().Single().GetProperty("user_mode").GetBoolean());
        });
    }

    [Theory]
    [MemberData(nameof(TracedGuests.Names), MemberType = typeof(TracedGuests))]
    public void Break_at_a_system_call_has_the_arguments_that_the_program_gave_and_the_way_into_the_kernel(string name)
    {
        var guest = guests[name];
        using var program = guest.Control.Start("calls 3");
        IReadOnlyList<PuppetCall> calls = [];
        var hits = Follow(guest, () => calls = [.. PuppetCall.Parse(program.Go()).Where(call => call.Name == "lseek")],
            "break", "__x64_sys_lseek", "--pid", Decimal(program.Pid), "--count", "3");
        Assert.Equal(
            calls.Select(call => string.Join(' ', call.Arguments.Select(Hex))),
            hits.Select(hit => string.Join(' ', Enumerable.Range(0, 3).Select(i => Text(hit, "arguments", i)))));
        Assert.All(hits, hit =>
        {
            Assert.Equal("__x64_sys_lseek", Text(hit, "symbol"));
            var stack = hit.GetProperty("stack").EnumerateArray().ToList();
            Assert.Contains(stack, frame => Text(frame, "symbol") == "do_syscall_64");
            Assert.True(stack[^1].GetProperty("user_mode").GetBoolean());
            Assert.Equal(JsonValueKind.Null, hit.GetProperty("stack_incomplete").ValueKind);
        });
    }

    [Fact]
    public void Break_with_a_condition_shows_those_hits_of_which_it_is_true()
    {
        var guest = guests[GuestSpecs.Traced1.Name];
        using var program = guest.Control.Start("calls 3");
        var seconds = PuppetCall.Parse(program.Go()).Where(call => call.Name == "lseek").ElementAt(1).Arguments;
        var hits = Follow(guest, () => program.Go(),
            "break", "__x64_sys_lseek", "--for", "8s",
            "--condition", $"name == \"calls\" && pid == {program.Pid} && !(arg1 != {Hex(seconds[1])} || rip < 0x1000)");
        Assert.Equal(Hex(seconds[1]), Text(Assert.Single(hits), "arguments", 1));
    }

    [Theory]
    [MemberData(nameof(TracedGuests.Names), MemberType = typeof(TracedGuests))]
    public void Watch_shows_every_value_that_a_thread_writes_and_from_where(string name)
    {
        var guest = guests[name];
        using var program = guest.Control.Start("writes 25 3");
        program.Go();
        var touches = Follow(guest, () => Assert.Equal("ok writes=25 reads=3 last=0x19", program.Go()),
            "watch", Hex(program.Address("variable")), "--pid", Decimal(program.Pid), "--count", "25");
        Assert.Equal(Enumerable.Range(1, 25).Select(value => Hex((ulong)value)), touches.Select(touch => Text(touch, "after")));
        // The last value of the first run, then each is the one before.
        Assert.Equal(touches.SkipLast(1).Select(touch => Text(touch, "after")).Prepend("0x19"), touches.Select(touch => Text(touch, "before")));
        Assert.All(touches, touch =>
        {
            Assert.Equal((program.Pid, program.Pid, "writes"), Who(touch));
            Assert.Equal(Hex(program.Address("store-end")), Text(touch, "instruction_pointer"));
            Assert.Equal("write", Text(touch, "access"));
        });
    }

    [Fact]
    public void Watch_shows_who_reads()
    {
        var guest = guests[GuestSpecs.Traced1.Name];
        using var program = guest.Control.Start("writes 2 4");
        program.Go();
        var touches = Follow(guest, () => program.Go(),
            "watch", Hex(program.Address("variable")), "--length", "4", "--read", "--pid", Decimal(program.Pid), "--count", "4");
        Assert.All(touches, touch =>
        {
            Assert.Equal(("0x2", "0x2"), (Text(touch, "before"), Text(touch, "after")));
            Assert.Equal(Hex(program.Address("load-end")), Text(touch, "instruction_pointer"));
        });
    }

    [Theory]
    [MemberData(nameof(TracedGuests.Names), MemberType = typeof(TracedGuests))]
    public void Step_shows_the_instructions_that_a_program_executes(string name)
    {
        var guest = guests[name];
        using var program = guest.Control.Start("steps");
        var before = program.Go("77");
        var steps = Follow(guest, () => Assert.Equal(before, program.Go("77")),
            "step", "--from", Hex(program.Address("begin")), "--pid", Decimal(program.Pid), "--count", "33");
        Assert.Equal(
            program.Addresses("addresses").Append(program.Address("end")).Select(Hex), steps.Select(step => Text(step, "address")));
        Assert.Equal(
            Enumerable.Repeat<string[]>(["nop", "add rax, 0x3", "lea rcx, [rax+rax]", "xor rax, rcx"], 8).SelectMany(each => each)
                .Append("ret"),
            steps.Select(step => Text(step, "text")));
        Assert.All(steps, step => Assert.Equal((program.Pid, program.Pid, "steps"), Who(step)));
    }

    [Fact]
    public void Step_begins_where_a_vCPU_is()
    {
        var guest = guests[GuestSpecs.Traced2.Name];
        var steps = Follow(guest, () => { }, "step", "--vcpu", "1", "--count", "40");
        Assert.Equal(40, steps.Count);
        Assert.All(steps, step => Assert.Equal(1, step.GetProperty("vcpu").GetInt32()));
        // One after the other, but for those that lead elsewhere.
        var straight = 0;
        foreach (var (step, next) in steps.Zip(steps.Skip(1)))
        {
            if (Text(step, "text")!.Split(' ')[0] is not ("nop" or "mov" or "push" or "pop" or "add" or "sub" or "test" or "cmp" or "cli"))
                continue;
            Assert.Equal(Hex(Number(step, "address") + (ulong)Text(step, "bytes")!.Length / 2), Text(next, "address"));
            straight++;
        }
        Assert.True(straight > 10, $"{straight} of them");
    }

    [Theory]
    [InlineData(1, "no symbol no_such", "break", "no_such")]
    [InlineData(1, "is not present", "break", "0x1000", "--pid", "1")]
    [InlineData(1, "--pid", "break", "0x1000")]
    [InlineData(1, "process 99999999", "break", "0x1000", "--pid", "99999999")]
    [InlineData(1, "is not present", "watch", "0x1000", "--pid", "1")]
    [InlineData(1, "multiple of 4", "watch", "init_task+1", "--length", "4")]
    [InlineData(1, "no vCPU 9", "step", "--vcpu", "9")]
    [InlineData(2, "character 5", "break", "schedule", "--condition", "rdi = 3")]
    [InlineData(2, "'3'", "watch", "init_task", "--length", "3")]
    [InlineData(2, "'soon'", "step", "--for", "soon")]
    public void What_can_not_be_done_is_one_clear_line_and_the_guest_runs_on(int exitCode, string said, string command, params string[] rest)
    {
        var guest = guests[GuestSpecs.Traced1.Name];
        var result = VmiCommandLine.Run([command, Target(guest), .. rest]);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        Assert.Contains(said, result.Error);
        Assert.StartsWith("vmi: ", result.Error);
        Assert.Equal(result.Error.Length - 1, result.Error.IndexOf('\n'));
        AssertLeftAlone(guest);
    }

    [Theory]
    [InlineData(Interrupt, "break", "schedule", "--condition", "name == \"nobody\"")]
    [InlineData(Terminate, "break", "schedule")]
    [InlineData(Interrupt, "watch", "jiffies_64")]
    [InlineData(Interrupt, "step")]
    public async Task A_signal_ends_it_with_130_and_nothing_is_left(int signal, string command, params string[] rest)
    {
        var guest = guests[GuestSpecs.Traced2.Name];
        using var running = VmiCommandLine.Start(VmiCommandLine.Built, [command, Target(guest), .. rest, "--verbose"]);
        // Read, so that it does not come to wait for us.
        var output = running.Output.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        running.WaitForError(Ready);
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Assert.False(running.HasEnded);
        running.Signal(signal);
        await output;
        Assert.Equal(Interrupted, running.End().ExitCode);
        AssertLeftAlone(guest);
        using var loop = guest.Control.Start("loop 100");
        Assert.Equal("ok counters=100", loop.Go());
    }

    /// <summary>What a command shows while something is done in the guest; it ends by itself, and leaves nothing behind.</summary>
    private static List<JsonElement> Follow(RunningGuest guest, Action action, string command, params string[] rest)
    {
        using var running = VmiCommandLine.Start(VmiCommandLine.Built, [command, Target(guest), .. rest, "--json", "--verbose"]);
        running.WaitForError(Ready);
        action();
        var (exitCode, output, error) = running.End();
        Assert.True(exitCode == 0, error);
        AssertLeftAlone(guest);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static void AssertLeftAlone(RunningGuest guest)
    {
        Assert.True(guest.Monitor.IsRunning);
        // "gdb" is the line to a debugger. QEMU keeps a nameless one, of the file name gdb, for good from the first time on.
        Assert.DoesNotContain(guest.Monitor.Human("info chardev").Split('\n'), line => line.StartsWith("gdb", StringComparison.Ordinal));
    }

    private static string Target(RunningGuest guest) => $"qemu:{guest.QmpPath}";

    private static (int Pid, int Tid, string? Name) Who(JsonElement line) =>
        (line.GetProperty("pid").GetInt32(), line.GetProperty("tid").GetInt32(), Text(line, "name"));

    private static string? Text(JsonElement line, string property) => line.GetProperty(property).GetString();

    private static string? Text(JsonElement line, string property, int index) => line.GetProperty(property)[index].GetString();

    private static ulong Number(JsonElement line, string property) =>
        ulong.Parse(Text(line, property).AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string Hex(ulong value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");

    private static string Decimal(int value) => value.ToString(CultureInfo.InvariantCulture);
}
