using Vmi.Amd64;

namespace Vmi.Tests.Fakes;

/// <summary>A driver with every ability, which writes down what it is asked.</summary>
internal sealed class ControlDriver() : FakeMemoryDriver(8, isLive: true),
    IVmiControl, IVmiEvents, IVmiQueryProtection, IVmiQueryRegisters, IVmiSetProtection, IVmiSetRegisters, IVmiViews
{
    public View DefaultView => new(3);

    public int EventsPending => 5;

    public TimeSpan EventProcessingOverhead => TimeSpan.FromMilliseconds(7);

    public Action? OnReset { get; set; }

    Gfn IVmiControl.AllocateGfn()
    {
        Calls.Add("allocate next");
        return new Gfn(8);
    }

    void IVmiControl.AllocateGfn(Gfn gfn) => Calls.Add($"allocate {gfn}");

    void IVmiControl.FreeGfn(Gfn gfn) => Calls.Add($"free {gfn}");

    void IVmiControl.ResetState()
    {
        Calls.Add("reset");
        OnReset?.Invoke();
    }

    public (MemoryAccess Access, MemoryAccessOptions Options) GetMemoryAccess(Gfn gfn, View view)
    {
        Calls.Add($"rights of {gfn} in {view}");
        return (MemoryAccess.Read, MemoryAccessOptions.IgnorePageWalkUpdates);
    }

    public void SetMemoryAccess(ReadOnlySpan<Gfn> gfns, View view, MemoryAccess access, MemoryAccessOptions options) =>
        Calls.Add($"rights of {string.Join('+', gfns.ToArray())} in {view}: {access}, {options}");

    public Registers GetRegisters(VcpuId vcpu) => new Amd64Registers(Amd64RegisterGroups.General) { Rax = vcpu.Value };

    public void SetRegisters(VcpuId vcpu, Registers registers) => Calls.Add($"registers of {vcpu}: {registers.Result}");

    public View CreateView(MemoryAccess defaultAccess)
    {
        Calls.Add($"view of {defaultAccess}");
        return new View(4);
    }

    public void DestroyView(View view) => Calls.Add($"destroy {view}");

    public void SwitchToView(View view) => Calls.Add($"switch to {view}");

    public void ChangeViewGfn(View view, Gfn oldGfn, Gfn newGfn) => Calls.Add($"{oldGfn} is {newGfn} in {view}");

    public void ResetViewGfn(View view, Gfn gfn) => Calls.Add($"{gfn} is itself in {view}");

    public void EnableMonitor(VmiMonitor monitor) => Calls.Add($"enable {monitor.GetType().Name}");

    public void DisableMonitor(VmiMonitor monitor) => Calls.Add($"disable {monitor.GetType().Name}");

    public void DisableAllMonitors()
    {
    }

    public bool WaitForEvent(TimeSpan timeout, VmiEventCallback callback, CancellationToken cancellationToken) => false;

    public void RestoreMemory()
    {
    }

    public void DrainEvents(VmiEventCallback callback)
    {
    }

    public void Detach()
    {
    }
}
