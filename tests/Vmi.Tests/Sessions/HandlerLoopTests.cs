using System.Diagnostics.CodeAnalysis;
using Vmi.Amd64;
using Vmi.Tests.Fakes;

namespace Vmi.Tests.Sessions;

public sealed class HandlerLoopTests
{
    private static readonly string[] TearDown =
        ["pause", "monitors off", "cleanup", "memory restored", "drain", "detach", "resume"];

    private readonly ScriptedDriver _driver = new();
    private readonly VmiSession<NoOs> _session;

    public HandlerLoopTests() => _session = new VmiSession<NoOs>(new VmiCore(_driver), NoOs.Instance);

    [Fact]
    public void A_result_ends_the_loop_and_everything_is_taken_back_in_order()
    {
        _driver.Script(Step());
        var outcome = _session.Handle(_ => new Counter(_driver, 1), TestContext.Current.CancellationToken);
        Assert.True(outcome.HasResult);
        Assert.Equal(1, outcome.Result);
        Assert.Equal(VmiEnding.Result, outcome.EndedBy);
        Assert.Equal(["wait", .. TearDown], _driver.Calls);
    }

    [Fact]
    public void The_result_is_asked_for_before_the_first_event()
    {
        Assert.Equal(0, _session.Handle(_ => new Counter(_driver, 0), TestContext.Current.CancellationToken).Result);
        Assert.Equal(TearDown, _driver.Calls);
    }

    [Fact]
    public void Events_after_the_result_in_the_same_batch_are_not_handed_to_the_handler()
    {
        _driver.Script(Step(), Step(), Step());
        var counter = new Counter(_driver, 2);
        Assert.Equal(2, _session.Handle(_ => counter, TestContext.Current.CancellationToken).Result);
        Assert.Equal(2, counter.Seen);
        Assert.Equal(
            [VmiEventAction.Singlestep, VmiEventAction.Singlestep, VmiEventAction.Continue],
            _driver.Responses.Select(response => response.Action));
    }

    [Fact]
    public void Cancelling_ends_the_loop_without_an_error_and_asks_for_the_result_once_more()
    {
        using var source = new CancellationTokenSource();
        _driver.OnWait = source.Cancel;
        var none = _session.Handle(_ => new Counter(_driver, 1), source.Token);
        Assert.False(none.HasResult);
        Assert.Equal(VmiEnding.Cancelled, none.EndedBy);
        Assert.Throws<InvalidOperationException>(() => none.Result);
        Assert.Equal(["wait", "interrupted", .. TearDown], _driver.Calls);
        Assert.Equal(7, _session.Handle(_ => new Counter(_driver, 1) { ResultWhenInterrupted = 7 }, source.Token).Result);
    }

    [Fact]
    public void A_wait_without_an_event_calls_the_timeout_handler_and_goes_on()
    {
        using var source = new CancellationTokenSource();
        var waits = 0;
        _driver.OnWait = () =>
        {
            if (++waits == 3)
                source.Cancel();
        };
        _session.HandleWithTimeout(TimeSpan.FromMilliseconds(1), _ => new Counter(_driver, 1), source.Token);
        Assert.Equal(["wait", "timeout", "wait", "timeout", "wait", "interrupted", .. TearDown], _driver.Calls);
    }

    [Fact]
    public void A_handler_that_throws_gets_no_further_event_and_every_event_is_answered()
    {
        _driver.Script(Step(), Step());
        _driver.Queued.Add(Step());
        var error = Assert.Throws<FormatException>(() =>
            _session.Handle(_ => new Counter(_driver, 9) { OnEvent = () => throw new FormatException("no") }));
        Assert.Equal("no", error.Message);
        Assert.Equal(3, _driver.Responses.Count);
        Assert.All(_driver.Responses, response => Assert.Equal(VmiEventAction.Continue, response.Action));
        Assert.Equal(["wait", .. TearDown], _driver.Calls);
    }

    [Fact]
    public void A_factory_that_throws_after_it_set_something_up_is_cleaned_up_too()
    {
        Assert.Throws<FormatException>(() => _session.Handle<int>(session =>
        {
            session.MonitorEnable(new Amd64Monitor.Singlestep());
            throw new FormatException();
        }));
        Assert.Equal(["enable Singlestep", .. TearDown.Where(call => call != "cleanup")], _driver.Calls);
    }

    [Theory]
    [InlineData("wait")]
    [InlineData("monitors off")]
    [InlineData("memory restored")]
    [InlineData("drain")]
    [InlineData("detach")]
    public void A_driver_call_that_fails_is_reported_and_leaves_out_no_other_step(string call)
    {
        _driver.FailingCall = call;
        _driver.Script(Step());
        var error = Assert.Throws<VmiDriverException>(() => _session.Handle(_ => new Counter(_driver, 1)));
        Assert.Equal($"{call} failed", error.Message);
        Assert.Equal(["wait", .. TearDown], _driver.Calls);
        Assert.False(_driver.IsPaused);
    }

    [Fact]
    public void A_cleanup_that_throws_does_not_hide_the_error_that_ended_the_loop()
    {
        _driver.Script(Step());
        Assert.Throws<FormatException>(() => _session.Handle(_ => new Counter(_driver, 9)
        {
            OnEvent = () => throw new FormatException(),
            OnCleanup = () => throw new ArithmeticException(),
        }));
        Assert.Throws<ArithmeticException>(() =>
            _session.Handle(_ => new Counter(_driver, 0) { OnCleanup = () => throw new ArithmeticException() }));
        Assert.Equal(TearDown, _driver.Calls[^TearDown.Length..]);
    }

    [Theory]
    [InlineData("poll")]
    [InlineData("poll after event")]
    [InlineData("timeout")]
    [InlineData("interrupted")]
    public void Whatever_part_of_the_handler_throws_everything_is_taken_back(string part)
    {
        using var source = new CancellationTokenSource();
        if (part == "poll after event")
            _driver.Script(Step(), Step());
        else if (part == "interrupted")
            _driver.OnWait = source.Cancel;
        var polls = 0;
        var soon = TimeSpan.FromMilliseconds(1);
        var error = Assert.Throws<FormatException>(() => _session.HandleWithTimeout(soon, _ => new Counter(_driver, 9)
        {
            OnPoll = () => Fail(part == "poll" || (part == "poll after event" && polls++ == 1)),
            OnTimeout = () => Fail(part == "timeout"),
            OnInterrupted = () => Fail(part == "interrupted"),
        }, source.Token));
        Assert.Equal("no", error.Message);
        Assert.Equal(TearDown, _driver.Calls[^TearDown.Length..]);
        Assert.All(_driver.Responses, response => Assert.Equal(VmiEventAction.Continue, response.Action));
        Assert.Equal(part == "poll after event" ? 2 : 0, _driver.Responses.Count);
        Assert.False(_driver.IsPaused);

        static void Fail(bool now)
        {
            if (now)
                throw new FormatException("no");
        }
    }

    [Fact]
    public void A_breakpoint_that_the_driver_takes_out_at_the_end_is_ours_though_cleanup_has_read_its_page()
    {
        const ulong address = 0x7f00_0000_0010;
        var tables = new FakePageTables(_driver, 32);
        tables.Map(address & ~0xfffUL, 0x5000);
        _driver.Memory[0x5010] = 0xcc;
        _driver.OnRestore = () => _driver.Memory[0x5010] = 0x90;
        _driver.Queued.Add(new VmiEvent(default, At(address, tables), Breakpoint()));
        _session.Handle(
            _ => new Counter(_driver, 0) { OnCleanup = () => Assert.Equal(0xcc, _session.ReadByte((new Va(address), tables.Root))) },
            TestContext.Current.CancellationToken);
        Assert.Equal(VmiEventAction.Continue, Assert.Single(_driver.Responses).Action);
    }

    [Fact]
    public void An_intercepted_exception_that_nobody_answers_is_delivered_to_the_guest()
    {
        var fault = Amd64Interrupt.PageFault(new Va(0x1000), default);
        _driver.Queued.Add(ScriptedDriver.Event(new Amd64EventReason.Interrupt(null, fault)));
        _driver.Queued.Add(ScriptedDriver.Event(new Amd64EventReason.DebugException(null, default, 0)));
        _driver.Queued.Add(Step());
        _session.Handle(_ => new Counter(_driver, 0), TestContext.Current.CancellationToken);
        Assert.Equal(
            [VmiEventAction.ReinjectInterrupt, VmiEventAction.ReinjectInterrupt, VmiEventAction.Continue],
            _driver.Responses.Select(response => response.Action));
    }

    [Fact]
    public void A_queued_event_that_can_not_be_judged_is_answered_and_the_error_reported_at_the_end()
    {
        // Registers without RIP.
        _driver.Queued.Add(new VmiEvent(default, new Amd64Registers(Amd64RegisterGroups.None), Breakpoint()));
        _driver.Queued.Add(Step());
        Assert.Throws<RegisterNotAvailableException>(() => _session.Handle(_ => new Counter(_driver, 0)));
        Assert.Equal(2, _driver.Responses.Count);
        Assert.Equal(TearDown, _driver.Calls);
    }

    [Fact]
    public void A_queued_breakpoint_of_the_guest_is_delivered_to_it_and_one_of_ours_is_retried()
    {
        const ulong foreign = 0x7f00_0000_0010;
        const ulong ours = 0x7f00_0000_0020;
        var tables = new FakePageTables(_driver, 32);
        tables.Map(foreign & ~0xfffUL, 0x5000);
        // What was ours is restored by then: the byte in memory is no breakpoint any more.
        _driver.Memory[0x5010] = 0xcc;
        _driver.Memory[0x5020] = 0x90;
        foreach (var rip in (ulong[])[foreign, ours])
            _driver.Queued.Add(new VmiEvent(default, At(rip, tables), Breakpoint()));

        var counter = new Counter(_driver, 0);
        _session.Handle(_ => counter, TestContext.Current.CancellationToken);
        Assert.Equal(
            [VmiEventAction.ReinjectInterrupt, VmiEventAction.Continue], _driver.Responses.Select(response => response.Action));
        Assert.Equal(0, counter.Seen);
    }

    [Fact]
    public void A_loop_inside_a_live_pause_guard_is_refused()
    {
        using (_session.PauseGuard())
            Assert.Throws<InvalidOperationException>(() => _session.Handle(_ => new Counter(_driver, 1)));
        Assert.Equal(["pause", "resume"], _driver.Calls);
    }

    [Fact]
    public void A_loop_inside_a_loop_is_refused()
    {
        _driver.Script(Step());
        var counter = new Counter(_driver, 1);
        counter.OnEvent = () => Assert.Throws<InvalidOperationException>(() => _session.Handle(_ => new Counter(_driver, 1)));
        Assert.Equal(1, _session.Handle(_ => counter, TestContext.Current.CancellationToken).Result);
    }

    [Fact]
    public void A_driver_without_events_is_refused_before_the_handler_is_made()
    {
        var session = new VmiSession<NoOs>(new VmiCore(new FakeMemoryDriver(1)), NoOs.Instance);
        var made = false;
        Assert.Throws<VmiNotSupportedException>(() => session.Handle(_ =>
        {
            made = true;
            return new Counter(_driver, 0);
        }));
        Assert.False(made);
    }

    [Fact]
    public void Contexts_are_made_once_a_vcpu_and_show_the_event_at_hand()
    {
        _driver.Script(Step(rip: 1), Step(rip: 2, vcpu: 5), Step(rip: 3), Step(rip: 4, vcpu: 5));
        var seen = new List<(VmiContext<NoOs>, ulong)>();
        _session.Handle(
            _ => new Counter(_driver, 4) { OnContext = vmi => seen.Add((vmi, vmi.Registers.InstructionPointer.Value)) },
            TestContext.Current.CancellationToken);
        Assert.Equal([1UL, 2UL, 3UL, 4UL], seen.Select(pair => pair.Item2));
        Assert.Same(seen[0].Item1, seen[2].Item1);
        Assert.Same(seen[1].Item1, seen[3].Item1);
        Assert.NotSame(seen[0].Item1, seen[1].Item1);
    }

    [Fact]
    public void Waiting_for_one_event_takes_nothing_back_and_says_when_none_came()
    {
        _driver.Script(Step());
        var counter = new Counter(_driver, 5);
        _session.WaitForEvent(TimeSpan.FromMilliseconds(1), counter, TestContext.Current.CancellationToken);
        Assert.Equal(1, counter.Seen);
        Assert.Throws<TimeoutException>(() => _session.WaitForEvent(TimeSpan.FromMilliseconds(1), counter));
        Assert.Throws<TimeoutException>(() => _session.WaitForEvent(TimeSpan.FromMilliseconds(1), _ => VmiEventResponse.Continue));
        Assert.Equal(["wait", "wait", "wait"], _driver.Calls);
    }

    private static VmiEvent Step(ulong rip = 0, ushort vcpu = 0) =>
        ScriptedDriver.Event(new Amd64EventReason.Singlestep(null), rip, vcpu);

    /// <summary>Long mode: CR0.PG and PE, CR4.PAE, EFER.LMA and LME.</summary>
    private static Amd64Registers At(ulong rip, FakePageTables tables) => new(
        Amd64RegisterGroups.General | Amd64RegisterGroups.Control | Amd64RegisterGroups.Efer)
    {
        Rip = rip,
        Cr0 = new(0x8000_0001),
        Cr3 = new(tables.Root.Value),
        Cr4 = new(0x20),
        Efer = new(0x500),
    };

    private static Amd64EventReason Breakpoint() => new Amd64EventReason.Interrupt(null, Amd64Interrupt.Breakpoint());

    private sealed class Counter(ScriptedDriver driver, int wanted) : VmiHandler<NoOs, int>
    {
        public int Seen { get; private set; }

        public int? ResultWhenInterrupted { get; init; }

        public Action? OnEvent { get; set; }

        public Action<VmiContext<NoOs>>? OnContext { get; init; }

        public Action? OnCleanup { get; init; }

        public Action? OnPoll { get; init; }

        public Action? OnTimeout { get; init; }

        public Action? OnInterrupted { get; init; }

        public override VmiEventResponse HandleEvent(VmiContext<NoOs> vmi)
        {
            OnEvent?.Invoke();
            OnContext?.Invoke(vmi);
            Seen++;
            return VmiEventResponse.Singlestep;
        }

        public override void HandleTimeout(VmiSession<NoOs> session)
        {
            driver.Calls.Add("timeout");
            OnTimeout?.Invoke();
        }

        public override void HandleInterrupted(VmiSession<NoOs> session)
        {
            driver.Calls.Add("interrupted");
            OnInterrupted?.Invoke();
            if (ResultWhenInterrupted is { } result)
                Seen = result;
        }

        public override void Cleanup(VmiSession<NoOs> session)
        {
            driver.Calls.Add("cleanup");
            OnCleanup?.Invoke();
        }

        public override bool Poll([MaybeNullWhen(false)] out int result)
        {
            OnPoll?.Invoke();
            result = Seen;
            return Seen >= wanted;
        }
    }
}
