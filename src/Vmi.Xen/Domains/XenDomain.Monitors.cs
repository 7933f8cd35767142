using System.Runtime.InteropServices;
using static Vmi.Xen.XenControl;

namespace Vmi.Xen;

/// <content>The ring of events and what is put into it.</content>
internal sealed unsafe partial class XenDomain
{
    private static readonly Version IoMonitors = new(4, 18);

    /// <summary>The version of the events' form that the hypervisor has.</summary>
    public int EventVersion()
    {
        lock (_calls)
            return Check(xc_vm_event_get_version(Control), "asking for the version of vm_event");
    }

    /// <summary>Makes the ring: its page, and the port of its channel. The page is unmapped with <see cref="Libc.munmap"/>.</summary>
    /// <returns>Null if there is one already.</returns>
    public byte* MakeRing(out uint port)
    {
        lock (_calls)
        {
            uint made;
            var ring = xc_monitor_enable(Control, Id, &made);
            port = made;
            return ring != null ? ring
                : Marshal.GetLastPInvokeError() == Libc.Busy ? null
                : throw XenError.Last("making the ring of events", Name);
        }
    }

    /// <summary>Takes the ring away, and with it every monitor. vCPUs that wait for an answer go on waiting.</summary>
    public void RemoveRing()
    {
        lock (_calls)
            Check(xc_monitor_disable(Control, Id), "removing the ring of events");
    }

    /// <summary>Whether events of a kind can be had.</summary>
    public bool HasMonitor(MonitorKind kind)
    {
        if (kind == MonitorKind.Io && Hypervisor < IoMonitors)
            return false;
        lock (_calls)
        {
            uint capabilities;
            Check(xc_monitor_get_capabilities(Control, Id, &capabilities), "asking for monitors");
            return (capabilities & (1u << (int)kind)) != 0;
        }
    }

    public void MonitorControlRegister(ushort index, bool enable)
    {
        lock (_calls)
        {
            Check(
                xc_monitor_write_ctrlreg(Control, Id, index, enable, sync: true, 0, onChangeOnly: false),
                "monitoring a control register");
        }
    }

    /// <summary>Has writes to control registers and MSRs held back until the event is answered: they can be denied then.</summary>
    public void HoldWrites()
    {
        lock (_calls)
        {
            var operation = new MonitorOperation
            {
                Command = MonitorOperation.MonitorCommand,
                Domain = (ushort)Id,
                Operation = MonitorOperation.HoldWrites,
            };
            Check(xc_domctl(Control, &operation), "holding back register writes");
        }
    }

    public void MonitorMsr(uint msr, bool enable)
    {
        lock (_calls)
            Check(xc_monitor_mov_to_msr(Control, Id, msr, enable, onChangeOnly: false), "monitoring an MSR");
    }

    public void MonitorGuestRequests(bool enable, bool allowUserspace)
    {
        lock (_calls)
            Check(xc_monitor_guest_request(Control, Id, enable, sync: true, allowUserspace), "monitoring hypercalls");
    }

    /// <summary>Turns the delivery of a kind of events that needs nothing else on or off.</summary>
    public void Monitor(MonitorKind kind, bool enable)
    {
        lock (_calls)
        {
            var result = kind switch
            {
                MonitorKind.Singlestep => xc_monitor_singlestep(Control, Id, enable),
                MonitorKind.SoftwareBreakpoint => xc_monitor_software_breakpoint(Control, Id, enable),
                MonitorKind.DebugException => xc_monitor_debug_exceptions(Control, Id, enable, sync: true),
                MonitorKind.CpuId => xc_monitor_cpuid(Control, Id, enable),
                MonitorKind.DescriptorAccess => xc_monitor_descriptor_access(Control, Id, enable),
                MonitorKind.EmulationUnimplemented => xc_monitor_emul_unimplemented(Control, Id, enable),
                MonitorKind.Io => xc_monitor_io(Control, Id, enable),
                _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "This kind needs more."),
            };
            Check(result, $"monitoring ({kind})");
        }
    }
}
