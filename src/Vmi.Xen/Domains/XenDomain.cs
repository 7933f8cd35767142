using System.Runtime.InteropServices;
using static Vmi.Xen.XenControl;

namespace Vmi.Xen;

/// <summary>
/// A domain through the control interface: each call of libxenctrl that the driver makes, with its failure as an exception. One call at
/// a time, as the library demands, from whatever thread.
/// </summary>
internal sealed unsafe partial class XenDomain : IDisposable
{
    private const int VersionCommand = 0;   // XENVER_version

    private readonly Lock _calls = new();
    private nint _control;

    private XenDomain(nint control, uint id)
    {
        _control = control;
        Id = id;
        Name = $"Xen domain {id}";
    }

    /// <summary>Its number.</summary>
    public uint Id { get; }

    /// <summary>Its number and, where it is known, its name.</summary>
    public string Name { get; private set; }

    /// <summary>The hypervisor's version: 4.17.</summary>
    public Version Hypervisor { get; private set; } = new(0, 0);

    /// <summary>Opens the control interface for a domain.</summary>
    /// <exception cref="VmiDriverException">No Xen here, no right, or no such domain.</exception>
    public static XenDomain Open(uint id)
    {
        var control = OpenControl();
        var domain = new XenDomain(control, id);
        try
        {
            var info = domain.Information();
            if ((info.Flags & DomainInfo.Hvm) == 0 || (info.Flags & DomainInfo.Hap) == 0)
            {
                throw new VmiDriverException(
                    $"{domain.Name} is no HVM or PVH domain with hardware-assisted paging: only such a one can be read.");
            }

            var version = domain.Check(xc_version(control, VersionCommand, null), "asking for Xen's version");
            domain.Hypervisor = new Version(version >> 16, version & 0xFFFF);
            if (XenStore.NameOf(id) is { } name)
                domain.Name = $"Xen domain {id} ({name})";
            return domain;
        }
        catch
        {
            domain.Dispose();
            throw;
        }
    }

    /// <summary>The domains that run now, dom0 among them.</summary>
    /// <exception cref="VmiDriverException">No Xen here, or no right.</exception>
    public static IReadOnlyList<DomainInfo> List()
    {
        var control = OpenControl();
        try
        {
            var domains = new List<DomainInfo>();
            DomainInfo info;
            // One a call: the size of the structure, and so the place of the next, depends on the version.
            for (uint next = 0; xc_domain_getinfolist(control, next, 1, &info) == 1 && info.Domain >= next; next = info.Domain + 1u)
                domains.Add(info);
            return domains;
        }
        finally
        {
            xc_interface_close(control);
        }
    }

    /// <summary>What Xen says of it now.</summary>
    /// <exception cref="VmiDriverException">It is gone, or dying.</exception>
    public DomainInfo Information()
    {
        lock (_calls)
        {
            DomainInfo info;
            var found = xc_domain_getinfolist(Control, Id, 1, &info);
            if (found < 0)
                throw XenError.Last("asking for the domain", Name);
            if (found == 0 || info.Domain != Id)
                throw new VmiDriverException($"There is no {Name} (any more).");
            if ((info.Flags & DomainInfo.Dying) != 0)
                throw new VmiDriverException($"{Name} is being destroyed.");
            return info;
        }
    }

    /// <summary>Keeps all vCPUs from running; counted by Xen, with the pauses of others.</summary>
    public void Pause()
    {
        lock (_calls)
            Check(xc_domain_pause(Control, Id), "pausing");
    }

    public void Unpause()
    {
        lock (_calls)
            Check(xc_domain_unpause(Control, Id), "ending a pause");
    }

    /// <summary>How long a vCPU has run, and whether it waits for an interrupt.</summary>
    public VcpuInfo Vcpu(uint vcpu)
    {
        lock (_calls)
        {
            VcpuInfo info;
            Check(xc_vcpu_getinfo(Control, Id, vcpu, &info), "asking for a vCPU");
            return info;
        }
    }

    /// <summary>Stops single steps of a vCPU.</summary>
    public void EndSinglestep(uint vcpu)
    {
        lock (_calls)
            Check(xc_domain_debug_control(Control, Id, 0, vcpu), "ending single steps");
    }

    public void Dispose()
    {
        lock (_calls)
        {
            if (_control != 0)
                xc_interface_close(_control);
            _control = 0;
        }
    }

    private static nint OpenControl()
    {
        XenLibraries.Require();
        var control = xc_interface_open(QuietLogger.Instance, QuietLogger.Instance, 0);
        if (control != 0)
            return control;
        var error = Marshal.GetLastPInvokeError();
        throw error is Libc.NoEntry or Libc.NotSupported
            ? new VmiDriverException("This is no dom0 of Xen: there is no control interface (/dev/xen/privcmd).")
            : XenError.Of(error, "opening the control interface (/dev/xen/privcmd)", "Xen");
    }

    private nint Control => _control != 0 ? _control : throw new ObjectDisposedException(nameof(XenDriver));

    private int Check(int result, string action, bool tables = false) =>
        result >= 0 ? result : throw XenError.Last(action, Name, tables);
}
