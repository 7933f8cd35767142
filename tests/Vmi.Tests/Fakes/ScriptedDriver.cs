using Vmi.Amd64;

namespace Vmi.Tests.Fakes;

/// <summary>A driver whose events are written down beforehand: proves the order of calls, and what happens when one of them fails.</summary>
internal sealed class ScriptedDriver() : FakeMemoryDriver(64, isLive: true), IVmiEvents, IVmiQueryRegisters
{
    private readonly Queue<VmiEvent[]> _batches = new();

    /// <summary>Events that are still queued when the loop ends.</summary>
    public List<VmiEvent> Queued { get; } = [];

    public List<VmiEventResponse> Responses { get; } = [];

    /// <summary>The call that fails, and how.</summary>
    public string? FailingCall { get; set; }

    public Action? OnWait { get; set; }

    public Action? OnRestore { get; set; }

    public int EventsPending => Queued.Count;

    public TimeSpan EventProcessingOverhead => TimeSpan.Zero;

    public static VmiEvent Event(VmiEventReason reason, ulong rip = 0, ushort vcpu = 0) =>
        new(new VcpuId(vcpu), new Amd64Registers(Amd64RegisterGroups.General) { Rip = rip }, reason);

    public void Script(params VmiEvent[] batch) => _batches.Enqueue(batch);

    public void EnableMonitor(VmiMonitor monitor) => Log($"enable {monitor.GetType().Name}");

    public void DisableMonitor(VmiMonitor monitor) => Log($"disable {monitor.GetType().Name}");

    public void DisableAllMonitors() => Log("monitors off");

    public bool WaitForEvent(TimeSpan timeout, VmiEventCallback callback, CancellationToken cancellationToken)
    {
        Log("wait");
        OnWait?.Invoke();
        cancellationToken.ThrowIfCancellationRequested();
        if (!_batches.TryDequeue(out var batch))
            return false;
        foreach (var vmiEvent in batch)
            Responses.Add(callback(vmiEvent));
        return true;
    }

    public void RestoreMemory()
    {
        Log("memory restored");
        OnRestore?.Invoke();
    }

    public void DrainEvents(VmiEventCallback callback)
    {
        Log("drain");
        foreach (var vmiEvent in Queued)
            Responses.Add(callback(vmiEvent));
        Queued.Clear();
    }

    public void Detach() => Log("detach");

    public Registers GetRegisters(VcpuId vcpu) => new Amd64Registers(Amd64RegisterGroups.General);

    private void Log(string call)
    {
        Calls.Add(call);
        if (call == FailingCall)
            throw new VmiDriverException($"{call} failed");
    }
}
