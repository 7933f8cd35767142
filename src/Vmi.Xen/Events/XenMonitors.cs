using Vmi.Amd64;

namespace Vmi.Xen;

/// <summary>The kinds of events that are delivered.</summary>
/// <param name="domain">The domain.</param>
internal sealed class XenMonitors(XenDomain domain)
{
    private readonly HashSet<VmiMonitor> _enabled = [];

    // What was asked for at any time: some of it may still be in the ring after it was turned off.
    private readonly HashSet<VmEventKind> _wanted = [VmEventKind.MemoryAccess];
    private bool _stepsEnd;
    private bool _emulates;

    /// <summary>Refuses a monitor that can't be had, before anything was changed.</summary>
    /// <exception cref="VmiNotSupportedException">It can't.</exception>
    public static void Check(VmiMonitor monitor, XenDomain domain)
    {
        switch (monitor)
        {
            case Amd64Monitor.Interrupt { Vector: not (ExceptionVector.Breakpoint or ExceptionVector.Debug) } interrupt:
                throw new VmiNotSupportedException(
                    $"interception of {interrupt.Vector}: only breakpoints and debug exceptions", domain.Name);
            case Amd64Monitor.Io:
                throw new VmiNotSupportedException(
                    $"events of I/O instructions (Xen {domain.Hypervisor} would execute the instruction again after each answer)",
                    domain.Name);
            default:
                var kind = KindOf(monitor);
                if (!domain.HasMonitor(kind))
                    throw new VmiNotSupportedException($"events of this kind in Xen {domain.Hypervisor} ({kind})", domain.Name);
                break;
        }
    }

    public bool IsWanted(VmEventKind kind) => kind == VmEventKind.Singlestep ? _enabled.Contains(OfSteps) : _wanted.Contains(kind);

    public void Enable(VmiMonitor monitor)
    {
        if (_enabled.Contains(monitor))
            return;
        if (monitor is Amd64Monitor.Singlestep)
            RequireSinglesteps();
        else
            Begin(monitor);
        _enabled.Add(monitor);
        _wanted.Add(EventOf(monitor));
    }

    public void Disable(VmiMonitor monitor)
    {
        if (!_enabled.Contains(monitor))
            return;
        // That of single steps stays: without it a step that is under way would never end.
        if (monitor is not Amd64Monitor.Singlestep)
            Set(monitor, enable: false);
        _enabled.Remove(monitor);
    }

    public void DisableAll()
    {
        foreach (var monitor in _enabled.ToArray())
            Disable(monitor);
    }

    /// <summary>Ends every single step of the vCPUs. All monitors go with the ring.</summary>
    public void End(int vcpus)
    {
        var stepped = _stepsEnd;
        _enabled.Clear();
        _wanted.Clear();
        _wanted.Add(VmEventKind.MemoryAccess);
        _stepsEnd = false;
        _emulates = false;
        for (var vcpu = 0u; stepped && vcpu < (uint)vcpus; vcpu++)
            domain.EndSinglestep(vcpu);
    }

    public void RequireSinglesteps()
    {
        if (_stepsEnd)
            return;
        if (!domain.HasMonitor(MonitorKind.Singlestep))
            throw new VmiNotSupportedException("single steps on this CPU (no monitor trap flag)", domain.Name);
        domain.Monitor(MonitorKind.Singlestep, enable: true);
        _stepsEnd = true;
    }

    public void RequireEmulation()
    {
        if (_emulates)
            return;
        domain.Monitor(MonitorKind.EmulationUnimplemented, enable: true);
        _emulates = true;
    }

    private static VmiMonitor OfSteps { get; } = new Amd64Monitor.Singlestep();

    private static MonitorKind KindOf(VmiMonitor monitor) => monitor switch
    {
        Amd64Monitor.Cr0 or Amd64Monitor.Cr3 or Amd64Monitor.Cr4 or Amd64Monitor.Xcr0 => MonitorKind.WriteControlRegister,
        Amd64Monitor.Msr => MonitorKind.WriteMsr,
        Amd64Monitor.Interrupt { Vector: ExceptionVector.Breakpoint } => MonitorKind.SoftwareBreakpoint,
        Amd64Monitor.Interrupt or Amd64Monitor.DebugException => MonitorKind.DebugException,
        Amd64Monitor.Singlestep => MonitorKind.Singlestep,
        Amd64Monitor.Hypercall => MonitorKind.GuestRequest,
        Amd64Monitor.CpuId => MonitorKind.CpuId,
        Amd64Monitor.DescriptorAccess => MonitorKind.DescriptorAccess,
        _ => throw new ArgumentException("This is no monitor of AMD64.", nameof(monitor)),
    };

    private static VmEventKind EventOf(VmiMonitor monitor) => KindOf(monitor) switch
    {
        MonitorKind.WriteControlRegister => VmEventKind.WriteControlRegister,
        MonitorKind.WriteMsr => VmEventKind.WriteMsr,
        MonitorKind.SoftwareBreakpoint => VmEventKind.SoftwareBreakpoint,
        MonitorKind.DebugException => VmEventKind.DebugException,
        MonitorKind.GuestRequest => VmEventKind.GuestRequest,
        MonitorKind.CpuId => VmEventKind.CpuId,
        MonitorKind.DescriptorAccess => VmEventKind.DescriptorAccess,
        _ => VmEventKind.Singlestep,
    };

    private void Begin(VmiMonitor monitor)
    {
        // Not for CR3: a tracer that is killed before it answers would take the write with it.
        if (monitor is Amd64Monitor.Cr0 or Amd64Monitor.Cr4 or Amd64Monitor.Msr)
            domain.HoldWrites();
        Set(monitor, enable: true);
    }

    private void Set(VmiMonitor monitor, bool enable)
    {
        switch (monitor)
        {
            case Amd64Monitor.Cr0:
                domain.MonitorControlRegister((ushort)ControlRegister.Cr0, enable);
                break;
            case Amd64Monitor.Cr3:
                domain.MonitorControlRegister((ushort)ControlRegister.Cr3, enable);
                break;
            case Amd64Monitor.Cr4:
                domain.MonitorControlRegister((ushort)ControlRegister.Cr4, enable);
                break;
            case Amd64Monitor.Xcr0:
                domain.MonitorControlRegister((ushort)ControlRegister.Xcr0, enable);
                break;
            case Amd64Monitor.Msr { Register: var register }:
                domain.MonitorMsr(register.Index, enable);
                break;
            case Amd64Monitor.Hypercall { AllowUserspace: var allowUserspace }:
                domain.MonitorGuestRequests(enable, allowUserspace);
                break;
            default:
                domain.Monitor(KindOf(monitor), enable);
                break;
        }
    }
}
