using System.Globalization;
using System.Text.Json;
using Vmi.Cli.Tests;
using Vmi.Guests;
using Vmi.Hooks;
using Vmi.Linux;
using Vmi.Targets;

namespace Vmi.Live.Tests;

/// <summary>What traces report of a program against what the program itself says it called.</summary>
public sealed class TraceTests(TracedGuests guests)
{
    private const int Interrupted = 130, RoundsInAll = 12;
    private const long InterruptedBySignal = -512;
    private const string ProgramName = "calls", CommandGuest = "Traced2";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly SyscallDecoderOptions WholeBuffers = new() { BufferBytes = 256 };

    public static TheoryData<string> Names => TracedGuests.Names;

    /// <summary>As many programs at once as the guest has vCPUs.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Each_call_is_reported_once_in_order_with_its_values(string name)
    {
        var guest = guests[name];
        var vcpus = GuestSpecs.Find(name).Vcpus;
        var programs = Enumerable.Range(0, vcpus).Select(_ => guest.Control.Start($"calls {RoundsInAll / vcpus}")).ToList();
        var said = new List<PuppetCall>();
        var kernelText = KernelText(guest);
        var (traced, outcome) = Trace(guest, new SyscallTraceOptions { Name = ProgramName, Decoding = WholeBuffers }, () =>
        {
            programs.ForEach(program => program.Run());
            foreach (var program in programs)
                said.AddRange(PuppetCall.Parse(program.Wait(Patience)));
            // All wait for a command now. One is killed; the others are still under way at the end.
            programs[0].Dispose();
        });
        Assert.Equal(VmiEnding.Cancelled, outcome.EndedBy);
        var own = traced.Where(each => !IsOfTheLine(each.Call)).ToList();
        Assert.Equal(said.Select(call => call.Tid).Order().Distinct(), own.Select(Tid).Order().Distinct());
        foreach (var thread in said.GroupBy(call => call.Tid))
        {
            var its = own.Where(each => Tid(each) == thread.Key).ToList();
            Assert.Equal(thread.Select(call => call.Name), its.Select(each => each.Call.Syscall.Name));
            Assert.All(thread.Zip(its), pair => TraceComparisons.AssertSame(pair.First, pair.Second.Call));
            Assert.All(its, each => Assert.Equal((ProgramName, (uint)thread.Key), (each.Task.Name, each.Task.Process.Value)));
            Assert.All(its, each => Assert.InRange(each.Vcpu.Value, 0, vcpus - 1));
        }
        foreach (var program in programs)
        {
            var waits = traced.Where(each => Tid(each) == program.Pid && each.Call.Syscall.Name == "read" && IsOfTheLine(each.Call))
                .Select(each => each.Call.Result).ToList();
            // The one that is killed may see the end of its line before that.
            if (program == programs[0])
                Assert.True(waits[^1] is InterruptedBySignal or 0, $"{waits[^1]}");
            else
                Assert.Null(waits[^1]);
            Assert.DoesNotContain(waits[..^1], result => result is null or < 0);
            program.Dispose();
        }
        AssertUntouched(guest, kernelText);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Named_calls_of_one_process_end_the_trace_at_their_count(string name)
    {
        var guest = guests[name];
        const int rounds = 3;
        string[] wanted = ["unlink", "mkdir"];
        using var other = guest.Control.Start($"calls {rounds}");
        using var program = guest.Control.Start($"calls {rounds}");
        IReadOnlyList<PuppetCall> said = [];
        var kernelText = KernelText(guest);
        var options = new SyscallTraceOptions
        {
            Syscalls = wanted,
            Process = new ProcessId((uint)program.Pid),
            Count = rounds * 3,
            Decoding = WholeBuffers,
        };
        var (traced, outcome) = Trace(guest, options, () =>
        {
            other.Run();
            said = PuppetCall.Parse(program.Go(timeout: Patience));
            other.Wait(Patience);
        });
        Assert.Equal((VmiEnding.Result, rounds * 3L), (outcome.EndedBy, outcome.Result));
        said = [.. said.Where(call => wanted.Contains(call.Name))];
        Assert.Equal(said.Select(call => (call.Tid, call.Name)), traced.Select(each => (Tid(each), each.Call.Syscall.Name)));
        Assert.All(said.Zip(traced), pair => TraceComparisons.AssertSame(pair.First, pair.Second.Call));
        AssertUntouched(guest, kernelText);
    }

    [Fact]
    public void The_command_writes_a_line_of_JSON_for_each_call_until_it_is_interrupted()
    {
        using var program = guests[CommandGuest].Control.Start("calls 4");
        using var command = Command("syscalls", "--name", ProgramName);
        using (var probe = guests[CommandGuest].Control.Start("calls 1"))
            command.WaitForFirst(() => probe.Go(timeout: Patience));
        var said = PuppetCall.Parse(program.Go(timeout: Patience));
        var lines = command.Interrupt(Interrupted).Where(line => Number(line, "pid") == program.Pid && !IsOfTheLine(line)).ToList();
        said = [.. said.Where(call => call.Tid == program.Pid)];
        Assert.Equal(
            said.Select(call => (call.Name, call.Result, (long)call.Tid, call.Result < 0 && call.Result > -4096)),
            lines.Select(line => (Text(line, "syscall"), Result(line), Number(line, "tid"), HasError(line))));
        foreach (var (call, line) in said.Zip(lines))
        {
            Assert.Equal(
                ["time", "vcpu", "pid", "tid", "name", "syscall", "arguments", "result", "error"],
                line.EnumerateObject().Select(property => property.Name));
            Assert.Equal(ProgramName, Text(line, "name"));
            Assert.InRange(DateTimeOffset.Parse(Text(line, "time"), CultureInfo.InvariantCulture), command.Begin, DateTimeOffset.UtcNow);
            if (call.Pointed.TryGetValue("path", out var path))
                Assert.Contains(path, line.GetProperty("arguments").EnumerateArray().Select(argument => argument.GetString()));
        }
    }

    [Fact]
    public void Files_are_those_that_a_program_opens_makes_and_removes()
    {
        using var command = Command("files");
        using (var probe = guests[CommandGuest].Control.Start("calls 1"))
            command.WaitForFirst(() => probe.Go(timeout: Patience));
        using var program = guests[CommandGuest].Control.Start("calls 3");
        var said = PuppetCall.Parse(program.Go(timeout: Patience))
            .Where(call => call.Name is "openat" or "unlink" or "mkdir" or "rmdir").ToList();
        // Its folder and the file in it were made before its list begins.
        var lines = command.Interrupt(Interrupted).Where(line => Number(line, "pid") == program.Pid).TakeLast(said.Count);
        Assert.Equal(
            said.Select(call => (call.Name, call.Result, call.Pointed.GetValueOrDefault("path", "0x8 /* not in memory */"))),
            lines.Select(line => (Text(line, "syscall"), Result(line), Argument(line, Text(line, "syscall") == "openat" ? 1 : 0))));
    }

    [Fact]
    public void Programs_are_shown_with_path_and_arguments()
    {
        using var command = Command("exec");
        using (var probe = guests[CommandGuest].Control.Start("exec 1 /bin/busybox true"))
            command.WaitForFirst(() => probe.Go());
        using var program = guests[CommandGuest].Control.Start("exec 4 /bin/busybox true one [two]");
        // Each line: PID, status, arguments.
        var said = program.Go(timeout: Patience).Split('\n')[1..].Select(line => line.Split('\t')).ToList();
        using var missing = guests[CommandGuest].Control.Start("exec 1 /bin/nothing");
        var missed = missing.Go(timeout: Patience).Split('\n')[1].Split('\t')[0];
        var lines = command.Interrupt(Interrupted).ToDictionary(line => Number(line, "pid").ToString(CultureInfo.InvariantCulture));
        Assert.All(said, each =>
        {
            var line = lines[each[0]];
            Assert.Equal(("execve", 0L), (Text(line, "syscall"), Result(line)));
            Assert.Equal("/bin/busybox", Argument(line, 0));
            Assert.Equal($"[{string.Join(", ", each[2..].Select(argument => $"\"{argument}\""))}]", Argument(line, 1));
        });
        Assert.Equal((-2L, "ENOENT"), (Result(lines[missed]), Text(lines[missed], "error")));
    }

    [Fact]
    public void Modules_are_shown_by_name()
    {
        const int turns = 4;
        using var command = Command("modules");
        using (var probe = guests[CommandGuest].Control.Start("modules nls_iso8859_1 1"))
            command.WaitForFirst(() => probe.Go());
        using var program = guests[CommandGuest].Control.Start($"modules nls_iso8859_1 {turns}");
        var said = PuppetCall.Parse(program.Go(timeout: Patience)).Where(call => call.Pointed.ContainsKey("module")).ToList();
        Assert.Equal(2 * turns, said.Count);
        var lines = command.Interrupt(Interrupted).Where(line => Number(line, "pid") == program.Pid);
        Assert.Equal(
            said.Select(call => (call.Name, call.Result, call.Pointed["module"])),
            lines.Select(line => (Text(line, "syscall"), Result(line), Text(line, "module"))));
    }

    [Fact]
    public void A_call_that_the_kernel_does_not_have_is_an_error_and_nothing_stays()
    {
        var guest = guests[CommandGuest];
        var result = VmiCommandLine.Run("trace", "syscalls", $"qemu:{guest.QmpPath}", "--syscall", "openat,frobnicate");
        Assert.Equal((1, "vmi: The kernel has no system call frobnicate.\n"), (result.ExitCode, result.Error));
        AssertUntouched(guest, KernelText(guest));
    }

    private TracingCommand Command(string what, params string[] options)
    {
        var guest = guests[CommandGuest];
        return new TracingCommand(["trace", what, $"qemu:{guest.QmpPath}", "--json", .. options], () => AssertUntouched(guest, null));
    }

    /// <summary>Traces while something is done in the guest.</summary>
    private static (List<TracedSyscall> Traced, VmiOutcome<long> Outcome) Trace(
        RunningGuest guest, SyscallTraceOptions options, Action action)
    {
        using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
        var session = LinuxOs.Introspect(target.Core);
        using var ending = new CancellationTokenSource();
        using var begun = new ManualResetEventSlim();
        var traced = new List<TracedSyscall>();
        SyscallTracer? tracer = null;
        var tracing = Task.Run(() => session.Handle(
            each =>
            {
                tracer = new SyscallTracer(each, options, traced.Add);
                begun.Set();
                return tracer;
            },
            ending.Token));
        try
        {
            WaitHandle.WaitAny([begun.WaitHandle, ((IAsyncResult)tracing).AsyncWaitHandle], Patience);
            action();
        }
        finally
        {
            ending.Cancel();
            Assert.True(((IAsyncResult)tracing).AsyncWaitHandle.WaitOne(Patience));
        }
        var outcome = tracing.GetAwaiter().GetResult();
        Assert.Equal(0, tracer!.Unreadable);
        return (traced, outcome);
    }

    /// <summary>The code at the places where breakpoints stand, as QEMU reads it.</summary>
    private static string KernelText(RunningGuest guest)
    {
        using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
        var linux = LinuxOs.Detect(target.Core);
        var text = "";
        string[] sites = ["do_syscall_64", "syscall_exit_to_user_mode", "do_init_module", "__x64_sys_unlink", "__x64_sys_mkdir"];
        foreach (var symbol in sites)
        {
            Assert.True(target.Core.TryTranslate((linux.FindSymbol(symbol)!.Value, linux.Kernel.TranslationRoot), out var at, out _));
            text += guest.Monitor.Human($"xp /16xb 0x{at.Pa.Value:x}");
        }
        return text;
    }

    private static void AssertUntouched(RunningGuest guest, string? kernelText)
    {
        // QEMU keeps a device of its own, `filename=gdb`, once a stub was there; the stub's connection is the one of this label.
        Assert.DoesNotContain("gdb:", guest.Monitor.Human("info chardev"));
        Assert.True(guest.Monitor.IsRunning);
        if (kernelText is not null)
            Assert.Equal(kernelText, KernelText(guest));
        using var program = guest.Control.Start("loop 1000");
        Assert.Equal("ok counters=1000", program.Go());
    }

    /// <summary>The reads and writes by which a program is told what to do and answers.</summary>
    private static bool IsOfTheLine(SyscallCall call) =>
        call.Arguments is [var first, ..] && (call.Syscall.Name, first.Value) is ("read", 0) or ("write", 1);

    private static bool IsOfTheLine(JsonElement line) =>
        Text(line, "syscall") is "read" && Argument(line, 0) == "0" || Text(line, "syscall") is "write" && Argument(line, 0) == "1";

    private static int Tid(TracedSyscall traced) => (int)traced.Task.Thread.Value;

    private static string Text(JsonElement line, string property) => line.GetProperty(property).GetString()!;

    private static string Argument(JsonElement line, int index) => line.GetProperty("arguments")[index].GetString()!;

    private static bool HasError(JsonElement line) => line.GetProperty("error").ValueKind == JsonValueKind.String;

    private static long Number(JsonElement line, string property) => line.GetProperty(property).GetInt64();

    private static long? Result(JsonElement line) =>
        line.GetProperty("result") is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null;
}
