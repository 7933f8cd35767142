using System.Diagnostics.CodeAnalysis;
using Vmi.Amd64;

namespace Vmi.Hooks;

/// <summary>The hypervisor's own watchpoints.</summary>
internal sealed class NativeWatchpoints(INativeBreakpoints driver) : IWatchpointMechanism
{
    private readonly List<Watchpoint> _all = [];

    public void Insert(Watchpoint watchpoint)
    {
        driver.InsertWatchpoint(watchpoint.Address, watchpoint.Length, watchpoint.Access);
        _all.Add(watchpoint);
    }

    public bool TryGetTouch(VmiEvent vmiEvent, [NotNullWhen(true)] out Watchpoint? watchpoint, out MemoryAccess access)
    {
        watchpoint = null;
        access = default;
        if (vmiEvent.Reason is not Amd64EventReason.MemoryAccess { Va: { } touched, Access: var how })
            return false;
        access = how;
        watchpoint = _all.Find(each => each.Address.Va == touched);
        return watchpoint is not null;
    }

    public VmiEventResponse Resume(VmiEvent vmiEvent) => VmiEventResponse.Continue;

    public void Leave()
    {
        foreach (var each in _all)
            driver.RemoveWatchpoint(each.Address, each.Length, each.Access);
        _all.Clear();
    }
}
