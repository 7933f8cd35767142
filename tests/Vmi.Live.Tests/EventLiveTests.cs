using System.Diagnostics;
using Vmi.Amd64;
using Vmi.Guests;
using Vmi.Hooks;
using Vmi.Linux;
using Vmi.Qemu;
using Vmi.Targets;

namespace Vmi.Live.Tests;

/// <summary>Events on real Linux guests whose programs say what they did: none lost, none twice, and the guest as it was after.</summary>
public sealed class EventLiveTests(TracedGuests guests)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Set by eng/long-run.sh: the numbers that take too long for the gate.</summary>
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("VMI_LONG_RUN") is "1";

    public static TheoryData<string, int, int> Loops => new()
    {
        { "Traced1", IsLong ? 10_000 : 1_000, 1 },
        { "Traced2", 500, 2 },
        { "Traced4", 500, 4 },
    };

    [Theory]
    [MemberData(nameof(Loops))]
    public void Each_round_of_a_loop_hits_its_breakpoint_once_on_every_vCPU(string name, int rounds, int threads)
    {
        var guest = guests[name];
        using var program = guest.Control.Start($"loop {rounds} {threads}");
        using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
        var session = LinuxOs.Introspect(target.Core);
        using var breakpoints = Breakpoints.For(session);
        breakpoints.Insert(new AddressContext(new Va(program.Address("tick")), RootOf(session, program)));

        program.BeginGo();
        var counter = new Counter(breakpoints, rounds * threads);
        using var late = new CancellationTokenSource(Patience);
        var begin = Stopwatch.GetTimestamp();
        var outcome = session.Handle(_ => counter, late.Token);
        TestContext.Current.SendDiagnosticMessage($"{name}: {counter.Hits / Stopwatch.GetElapsedTime(begin).TotalSeconds:0} breakpoints a second");
        Assert.Equal(VmiEnding.Result, outcome.EndedBy);
        Assert.Equal($"ok counters={string.Join(',', Enumerable.Repeat(rounds, threads))}", program.EndGo());
        Assert.Equal(rounds * threads, counter.Hits);
        AssertUntouched(guest);
    }

    [Theory]
    [InlineData("Traced1", MemoryAccess.Write)]
    [InlineData("Traced4", MemoryAccess.Write)]
    [InlineData("Traced2", MemoryAccess.ReadWrite)]
    public void Each_write_of_a_thread_is_reported_once_and_in_order(string name, MemoryAccess access)
    {
        var guest = guests[name];
        using var program = guest.Control.Start("writes 200");
        using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
        var session = LinuxOs.Introspect(target.Core);
        var variable = new AddressContext(new Va(program.Address("variable")), RootOf(session, program));
        ((INativeBreakpoints)target.Driver).InsertWatchpoint(variable, sizeof(ulong), access);

        program.BeginGo();
        var writes = new Collector<ulong>(200, vmi =>
        {
            var touch = Assert.IsType<Amd64EventReason.MemoryAccess>(vmi.Event.Reason);
            Assert.Equal((variable.Va, access), (touch.Va, touch.Access));
            Assert.Equal(program.Address("store-end"), ((Amd64Registers)vmi.Registers).Rip);
            return vmi.ReadUInt64(touch.Pa);
        });
        using var late = new CancellationTokenSource(Patience);
        session.Handle(_ => writes, late.Token);
        Assert.Equal(Enumerable.Range(1, 200).Select(value => (ulong)value), writes.Values);
        Assert.StartsWith("ok writes=200", program.EndGo());
        AssertUntouched(guest);
    }

    [Theory]
    [InlineData("Traced1", true)]
    [InlineData("Traced4", true)]
    [InlineData("Traced4", false)]
    public void Steps_visit_each_instruction_and_leave_the_result_as_it_is(string name, bool holdOthers)
    {
        var guest = guests[name];
        using var program = guest.Control.Start("steps");
        using var target = VmiTarget.Open(
            $"qemu:{guest.QmpPath}", new VmiTargetOptions { Qemu = new QemuOptions { HoldOthersWhileStepping = holdOthers } });
        var session = LinuxOs.Introspect(target.Core);
        session.MonitorEnable(new Amd64Monitor.Singlestep());
        using var breakpoints = Breakpoints.For(session);
        var addresses = program.Addresses("addresses");
        breakpoints.Insert(new AddressContext(new Va(addresses[0]), RootOf(session, program)));

        program.BeginGo("77");
        var path = new Collector<ulong>(
            addresses.Count + 1, vmi => vmi.Registers.InstructionPointer.Value, VmiEventResponse.Singlestep);
        using var late = new CancellationTokenSource(Patience);
        session.Handle(_ => path, late.Token);
        Assert.Equal(addresses.Append(program.Address("end")), path.Values);

        var value = 77ul;
        for (var i = 0; i < 8; i++)
        {
            value += 3;
            value ^= 2 * value;
        }
        Assert.Equal($"ok from=0x4d rax=0x{value:x}", program.EndGo());
        AssertUntouched(guest);
    }

    [Theory]
    [InlineData(ExceptionVector.DivideError, 8)]
    [InlineData(ExceptionVector.InvalidOpcode, 4)]
    [InlineData(ExceptionVector.GeneralProtection, 11)]
    [InlineData(ExceptionVector.PageFault, 11)]
    [InlineData(ExceptionVector.Breakpoint, 5)]
    public void An_injected_exception_reaches_the_program_as_its_signal(ExceptionVector vector, int signal)
    {
        foreach (var name in new[] { "Traced1", "Traced2" })
        {
            var guest = guests[name];
            using var program = guest.Control.Start("loop 1000");
            using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
            var session = LinuxOs.Introspect(target.Core);
            using var breakpoints = Breakpoints.For(session);
            breakpoints.Insert(new AddressContext(new Va(program.Address("tick")), RootOf(session, program)));
            program.BeginGo();
            var once = new Collector<int>(1, vmi =>
            {
                session.InjectInterrupt(vmi.Event.Vcpu, vector switch
                {
                    ExceptionVector.PageFault => Amd64Interrupt.PageFault(new Va(0x123000), PageFaultErrorCode.User),
                    ExceptionVector.GeneralProtection => Amd64Interrupt.Exception(vector, 0),
                    ExceptionVector.Breakpoint => Amd64Interrupt.Breakpoint(),
                    _ => Amd64Interrupt.Exception(vector),
                });
                return 0;
            });
            using var late = new CancellationTokenSource(Patience);
            session.Handle(_ => once, late.Token);
            Assert.Single(once.Values);
            Assert.Contains($"ended by signal {signal}", Assert.Throws<GuestException>(() => program.EndGo()).Message);
            AssertUntouched(guest);
        }
    }

    [Fact]
    public void An_injected_NMI_reaches_the_kernel()
    {
        const string Said = "NMI received for unknown reason"; // By a kernel that knows no cause of it (unknown_nmi_error).
        var guest = guests["Traced1"];
        using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
        var session = LinuxOs.Introspect(target.Core);
        var before = Count();
        session.InjectInterrupt(new VcpuId(0), Amd64Interrupt.Nmi);
        for (var patience = 0; Count() == before && patience < 100; patience++)
            Thread.Sleep(100);
        Assert.Equal(before + 1, Count());
        AssertUntouched(guest);

        int Count() => File.ReadLines(guest.SerialLogPath).Count(line => line.Contains(Said, StringComparison.Ordinal));
    }

    [Fact]
    public void A_breakpoint_stays_where_a_page_comes_and_goes()
    {
        var guest = guests["Traced2"];
        using var program = guest.Control.Start("unmapped");
        using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
        var session = LinuxOs.Introspect(target.Core);
        using var breakpoints = Breakpoints.For(session);
        // Of the one there is no page yet; the other's goes and comes again, as another frame.
        breakpoints.Insert(new AddressContext(new Va(program.Address("untouched")), RootOf(session, program)));
        breakpoints.Insert(new AddressContext(new Va(program.Address("page")), RootOf(session, program)));
        program.BeginGo("touch call protect allow call unmap map call");
        var counter = new Counter(breakpoints, 4);
        using var late = new CancellationTokenSource(Patience);
        session.Handle(_ => counter, late.Token);
        Assert.Equal("ok calls=4", program.EndGo());
        Assert.Equal(4, counter.Hits);

        // What the program does to itself is its own affair: it ends, and the breakpoints with their address space.
        program.BeginGo("unmap call");
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        session.Handle(_ => new Counter(breakpoints, int.MaxValue), soon.Token);
        Assert.Contains("was ended by signal 11", Assert.Throws<GuestException>(() => program.EndGo()).Message);
        breakpoints.Dispose();
        ((IVmiEvents)target.Driver).Detach();
        AssertUntouched(guest);
    }

    [Fact]
    public void What_is_emulated_at_a_breakpoint_is_what_the_CPU_does()
    {
        var guest = guests["Traced1"];
        using var program = guest.Control.Start("calls 20");
        using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
        var session = LinuxOs.Introspect(target.Core);
        session.MonitorEnable(new Amd64Monitor.Singlestep());
        using var breakpoints = Breakpoints.For(session);
        foreach (var call in new[] { "openat", "read", "lseek", "mmap", "socket", "unlink", "pipe2", "fcntl" })
            breakpoints.Insert($"__x64_sys_{call}");
        program.BeginGo();
        var comparison = new EmulationComparison(breakpoints, 1500);
        using var late = new CancellationTokenSource(Patience);
        session.Handle(_ => comparison, late.Token);
        program.EndGo();
        // Each kind was there: without and with a register set, and a push.
        Assert.True(comparison.Nops > 10 && comparison.Moves > 10 && comparison.Pushes > 10, comparison.ToString());
    }

    [Fact]
    public void Attaching_again_and_again_leaves_the_kernel_and_the_stub_as_they_were()
    {
        var guest = guests["Traced4"];
        using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
        var session = LinuxOs.Introspect(target.Core);
        var kernel = session.UnderlyingOs.Kernel;
        var text = TextOf(guest, kernel);
        var site = session.Core.TranslateAccessContext((session.UnderlyingOs.FindSymbol("__x64_sys_getpid")!.Value, kernel.TranslationRoot));
        Assert.True(site >= kernel.ImagePhysicalBase);
        for (var i = 0; i < (IsLong ? 1000 : 200); i++)
        {
            using var breakpoints = Breakpoints.For(session);
            breakpoints.Insert("__x64_sys_getpid");
            breakpoints.Insert("schedule");
            ((IVmiEvents)target.Driver).Detach();
            Assert.True(guest.Monitor.IsRunning, $"not after {i}");
        }
        Assert.True(text.AsSpan().SequenceEqual(TextOf(guest, kernel)));
        AssertUntouched(guest);
        using var program = guest.Control.Start("loop 1000 4");
        Assert.StartsWith("ok", program.Go());
    }

    /// <summary>The kernel's text as QEMU itself saves it.</summary>
    private static byte[] TextOf(RunningGuest guest, LinuxKernel kernel)
    {
        var file = Path.GetTempFileName();
        try
        {
            var length = kernel.Profile.Symbol("_etext") - kernel.ImageBase;
            guest.Monitor.Human($"pmemsave 0x{kernel.ImagePhysicalBase.Value:x} {length} \"{file}\"");
            var bytes = File.ReadAllBytes(file);
            Assert.Equal((int)length, bytes.Length);
            return bytes;
        }
        finally
        {
            File.Delete(file);
        }
    }

    internal static Pa RootOf(VmiSession<LinuxOs> session, PuppetProgram program) =>
        session.UnderlyingOs.FindProcess(new ProcessId((uint)program.Pid))!.TranslationRoot;

    /// <summary>Running, and no stub left in it.</summary>
    internal static void AssertUntouched(RunningGuest guest)
    {
        Assert.True(guest.Monitor.IsRunning);
        Assert.DoesNotContain("gdb:", guest.Monitor.Human("info chardev"));
    }

    private sealed class Counter(Breakpoints breakpoints, int wanted) : VmiHandler<LinuxOs, int>
    {
        public int Hits { get; private set; }

        public override VmiEventResponse HandleEvent(VmiContext<LinuxOs> vmi)
        {
            if (breakpoints.IsHit(vmi))
                Hits++;
            return breakpoints.StepOver(vmi);
        }

        public override bool Poll(out int result) => (result = Hits) >= wanted;
    }

    private sealed class Collector<T>(int wanted, Func<VmiContext<LinuxOs>, T> take, VmiEventResponse answer = default)
        : VmiHandler<LinuxOs, int>
    {
        public List<T> Values { get; } = [];

        public override VmiEventResponse HandleEvent(VmiContext<LinuxOs> vmi)
        {
            Values.Add(take(vmi));
            return Values.Count == wanted ? VmiEventResponse.Continue : answer;
        }

        public override bool Poll(out int result) => (result = Values.Count) >= wanted;
    }

    /// <summary>Works out what the next instruction will do before the CPU executes it, and compares.</summary>
    private sealed class EmulationComparison(Breakpoints breakpoints, int steps) : VmiHandler<LinuxOs, int>
    {
        private const int StepsACall = 20;
        private readonly ulong[] _expected = new ulong[(int)Amd64Register.Rflags + 1];
        private bool _isExpecting;
        private (Va Address, ulong Value)? _pushed;
        private int _done;
        private int _left;

        public int Nops { get; private set; }

        public int Moves { get; private set; }

        public int Pushes { get; private set; }

        public override VmiEventResponse HandleEvent(VmiContext<LinuxOs> vmi)
        {
            var registers = (Amd64Registers)vmi.Registers;
            if (_isExpecting && !breakpoints.IsHit(vmi))
            {
                for (var register = Amd64Register.Rax; register <= Amd64Register.Rflags; register++)
                    Assert.Equal((register, _expected[(int)register]), (register, registers[register]));
                if (_pushed is var (address, value))
                    Assert.Equal(value, vmi.ReadUInt64(address));
            }
            if (breakpoints.IsHit(vmi))
                _left = StepsACall;
            _done++;
            if (--_left == 0)
            {
                _isExpecting = false;
                return VmiEventResponse.Continue;
            }
            Predict(vmi, registers);
            return VmiEventResponse.Singlestep;
        }

        public override bool Poll(out int result) => (result = _done) >= steps;

        public override string ToString() => $"{Nops} nops, {Moves} moves, {Pushes} pushes";

        private void Predict(VmiContext<LinuxOs> vmi, Amd64Registers registers)
        {
            var code = new byte[SimpleInstruction.MaxLength];
            _pushed = null;
            _isExpecting = vmi.TryRead(registers.InstructionPointer, code, out _) && SimpleInstruction.TryDecode(code, out _);
            if (!_isExpecting)
                return;
            SimpleInstruction.TryDecode(code, out var instruction);
            for (var register = Amd64Register.Rax; register <= Amd64Register.Rflags; register++)
                _expected[(int)register] = registers[register];
            _expected[(int)Amd64Register.Rip] += (ulong)instruction.Length;
            if (instruction.IsPush)
            {
                _expected[(int)Amd64Register.Rsp] -= sizeof(ulong);
                _pushed = (new Va(_expected[(int)Amd64Register.Rsp]), registers[instruction.Source!.Value]);
                Pushes++;
            }
            else if (instruction.Target is { } target)
            {
                _expected[(int)target] = registers[instruction.Source!.Value];
                Moves++;
            }
            else
            {
                Nops++;
            }
        }
    }
}
