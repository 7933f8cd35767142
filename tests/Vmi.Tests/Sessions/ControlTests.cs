using Vmi.Amd64;
using Vmi.Tests.Fakes;

namespace Vmi.Tests.Sessions;

public sealed class ControlTests
{
    private readonly ControlDriver _driver = new();
    private readonly VmiCore _core;

    public ControlTests() => _core = new VmiCore(_driver);

    [Fact]
    public void Each_call_reaches_the_driver_with_what_it_was_given()
    {
        Assert.Equal(new View(3), _core.DefaultView);
        Assert.Equal(new View(4), _core.CreateView(MemoryAccess.ReadExecute));
        _core.SwitchToView(new View(4));
        _core.ChangeViewGfn(new View(4), new Gfn(1), new Gfn(2));
        _core.ResetViewGfn(new View(4), new Gfn(1));
        _core.DestroyView(new View(4));
        Assert.Equal(["view of ReadExecute", "switch to 4", "0x1 is 0x2 in 4", "0x1 is itself in 4", "destroy 4"], Taken());

        Assert.Equal(MemoryAccess.Read, _core.GetMemoryAccess(new Gfn(1), new View(2)));
        Assert.Equal(
            (MemoryAccess.Read, MemoryAccessOptions.IgnorePageWalkUpdates), _core.GetMemoryAccessWithOptions(new Gfn(1), new View(2)));
        _core.SetMemoryAccess(new Gfn(1), new View(2), MemoryAccess.Execute);
        _core.SetMemoryAccess([new Gfn(1), new Gfn(5)], new View(2), MemoryAccess.None);
        _core.SetMemoryAccessWithOptions(new Gfn(1), new View(2), MemoryAccess.Read, MemoryAccessOptions.IgnorePageWalkUpdates);
        Assert.Equal(
            [
                "rights of 0x1 in 2", "rights of 0x1 in 2", "rights of 0x1 in 2: Execute, None", "rights of 0x1+0x5 in 2: None, None",
                "rights of 0x1 in 2: Read, IgnorePageWalkUpdates",
            ],
            Taken());

        Assert.Equal(new Gfn(8), _core.AllocateNextAvailableGfn());
        _core.AllocateGfn(new Gfn(9));
        _core.FreeGfn(new Gfn(9));
        Assert.Equal(["allocate next", "allocate 0x9", "free 0x9"], Taken());

        _core.MonitorEnable(new Amd64Monitor.Cr3());
        _core.MonitorDisable(new Amd64Monitor.Singlestep());
        _core.InjectInterrupt(new VcpuId(1), Amd64Interrupt.Nmi);
        Assert.Equal(["enable Cr3", "disable Singlestep", $"inject {Amd64Interrupt.Nmi}"], Taken());
        Assert.Equal((5, 7), (_core.EventsPending, _core.EventProcessingOverhead.Milliseconds));

        _core.SetRegisters(new VcpuId(6), _core.GetRegisters(new VcpuId(7)));
        Assert.Equal(["registers of 6: 7"], Taken());
    }

    [Fact]
    public void Resetting_forgets_what_was_remembered()
    {
        _driver.OnReset = () => _driver.Memory[0x1000] = 2;
        using var paused = _core.PauseGuard();
        _driver.Memory[0x1000] = 1;
        Assert.Equal(1, _core.ReadByte(new Pa(0x1000)));
        _core.ResetState();
        Assert.Equal(2, _core.ReadByte(new Pa(0x1000)));
        Assert.Equal(["pause", "reset"], Taken());
    }

    [Fact]
    public void A_frame_that_was_freed_is_forgotten()
    {
        using var paused = _core.PauseGuard();
        Assert.Equal(0, _core.ReadByte(new Pa(0x1000)));
        _driver.Remove(new Gfn(1));
        Assert.Equal(0, _core.ReadByte(new Pa(0x1000)));
        _core.FreeGfn(new Gfn(1));
        Assert.False(_core.TryReadByte(new Pa(0x1000), out _, out _));
    }

    [Fact]
    public void Every_session_and_state_can_do_what_the_core_can()
    {
        var session = new VmiSession<NoOs>(_core, NoOs.Instance);
        using var paused = session.PauseGuard();
        Assert.Equal(0UL, paused.Registers.Result);
        Assert.Same(session, paused.Session);
        paused.State.SwitchToView(new View(1));
        Assert.Equal(["pause", "switch to 1"], Taken());
        Assert.Throws<VmiNotSupportedException>(() => paused.State.Os.Processes());
    }

    private List<string> Taken()
    {
        var calls = _driver.Calls.ToList();
        _driver.Calls.Clear();
        return calls;
    }
}
