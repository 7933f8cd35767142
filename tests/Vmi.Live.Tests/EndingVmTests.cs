using System.Text.Json.Nodes;
using Vmi.Guests;
using Vmi.Hooks;
using Vmi.Linux;
using Vmi.Targets;

namespace Vmi.Live.Tests;

/// <summary>A VM that powers off, panics, resets or loses a vCPU while its events are handled: one clear error, or it goes on.</summary>
public sealed class EndingVmTests(TracedGuests guests)
{
    [Theory]
    [InlineData("poweroff")]
    [InlineData("panic")]
    public void A_VM_that_ends_ends_the_loop_with_an_error(string how)
    {
        var guest = guests["Traced1"];
        using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
        var session = LinuxOs.Introspect(target.Core);
        using var breakpoints = Breakpoints.For(session);
        breakpoints.Insert("__x64_sys_getpid");
        guest.Control.Send(how);
        using var late = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        Assert.Throws<VmiDriverException>(() => session.Handle(_ => new Endless(breakpoints), late.Token));
        Assert.False(late.IsCancellationRequested);
        End(guest);
    }

    [Fact]
    public void A_VM_that_resets_runs_on_and_the_loop_with_it()
    {
        var guest = guests["Traced1"];
        guest.Monitor.Execute("set-action", new JsonObject { ["reboot"] = "reset" });
        using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
        var session = LinuxOs.Introspect(target.Core);
        using (var breakpoints = Breakpoints.For(session))
        {
            breakpoints.Insert("__x64_sys_getpid");
            guest.Monitor.Execute("system_reset");
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            Assert.Equal(VmiEnding.Cancelled, session.Handle(_ => new Endless(breakpoints), soon.Token).EndedBy);
        }
        EventLiveTests.AssertUntouched(guest);
        guest.Monitor.Execute("quit");
        End(guest);
    }

    [Fact]
    public void A_vCPU_that_is_unplugged_is_missed_by_nobody()
    {
        var guest = guests["Traced4"];
        using var target = VmiTarget.Open($"qemu:{guest.QmpPath}");
        var session = LinuxOs.Introspect(target.Core);
        using (var breakpoints = Breakpoints.For(session))
        {
            breakpoints.Insert("__x64_sys_getpid");
            guest.Monitor.Execute("device_del", new JsonObject { ["id"] = "/machine/unattached/device[4]" });
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            Assert.Equal(VmiEnding.Cancelled, session.Handle(_ => new Endless(breakpoints), soon.Token).EndedBy);
        }
        EventLiveTests.AssertUntouched(guest);
        guest.Monitor.Execute("quit");
        End(guest);
    }

    [Fact]
    public void A_stub_that_somebody_ends_is_an_error_and_the_guest_runs_on()
    {
        var guest = guests["Traced2"];
        using var program = guest.Control.Start("loop 200 2");
        using (var target = VmiTarget.Open($"qemu:{guest.QmpPath}"))
        {
            var session = LinuxOs.Introspect(target.Core);
            using var breakpoints = Breakpoints.For(session);
            breakpoints.Insert(new AddressContext(new Va(program.Address("tick")), EventLiveTests.RootOf(session, program)));
            program.BeginGo();
            using var late = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            var hits = 0;
            Assert.Throws<VmiDriverException>(() => session.Handle(
                _ => new Endless(breakpoints, () =>
                {
                    if (++hits == 50)
                        guest.Monitor.Human("gdbserver none");
                }),
                late.Token));
            Assert.Equal(50, hits);
        }

        Assert.Equal("ok counters=200,200", program.EndGo());
        EventLiveTests.AssertUntouched(guest);
    }

    /// <summary>The next test gets a whole guest: once this one is known to be gone.</summary>
    private static void End(RunningGuest guest) =>
        Assert.True(SpinWait.SpinUntil(() => guest.HasExited, TimeSpan.FromSeconds(20)), "QEMU has not ended");

    private sealed class Endless(Breakpoints breakpoints, Action? onHit = null) : VmiHandler<LinuxOs, int>
    {
        public override VmiEventResponse HandleEvent(VmiContext<LinuxOs> vmi)
        {
            onHit?.Invoke();
            return breakpoints.StepOver(vmi);
        }

        public override bool Poll(out int result)
        {
            result = 0;
            return false;
        }
    }
}
