using Vmi.Amd64;

namespace Vmi.Xen;

/// <summary>
/// A running HVM or PVH domain of stock Xen, from dom0: memory by foreign mappings, registers, page permissions, alternate views
/// (altp2m) and events (vm_event). Reading is possible from any thread. Disposing of it takes back all that it changed in the domain.
/// </summary>
public sealed partial class XenDriver : IVmiRead, IVmiWrite, IVmiQueryProtection, IVmiSetProtection, IVmiQueryRegisters,
    IVmiSetRegisters, IVmiViews, IVmiEvents, IVmiControl
{
    private readonly XenDomain _domain;
    private readonly XenJournal _journal;
    private readonly XenOptions _options;
    private readonly XenMemory _memory;
    private readonly XenRegisters _registers;
    private readonly XenViews _views;
    private readonly AddedFrames _frames;
    private readonly Lock _control = new();
    private readonly int _vcpus;
    private IReadOnlyList<PhysicalRange>? _map;
    private int _pauses;
    private volatile bool _disposed;

    private XenDriver(XenDomain domain, XenMemory memory, XenJournal journal, int vcpus, XenOptions options)
    {
        _domain = domain;
        _journal = journal;
        _options = options;
        _memory = memory;
        _vcpus = vcpus;
        _registers = new XenRegisters(domain);
        _views = new XenViews(domain, journal);
        _frames = new AddedFrames(domain, journal);
        _monitors = new XenMonitors(domain);
    }

    /// <inheritdoc/>
    public string Name => _domain.Name;

    /// <inheritdoc/>
    public Architecture Architecture => Amd64Architecture.Instance;

    /// <inheritdoc/>
    public bool IsLive => true;

    /// <summary>The domain's number.</summary>
    public uint DomainId => _domain.Id;

    /// <summary>The version of the hypervisor: 4.17.</summary>
    public Version Hypervisor => _domain.Hypervisor;

    /// <summary>The size of the machine. The guest itself can raise the highest frame far beyond its memory.</summary>
    /// <exception cref="VmiDriverException">The domain is gone.</exception>
    public VmiInfo Info
    {
        get
        {
            ThrowIfDisposed();
            return new VmiInfo(new Gfn(_domain.MaxGfn()), _vcpus);
        }
    }

    /// <summary>
    /// Opens the domain. It is not changed and goes on running. What a Vmi that was killed has left in it (rights, views, frames, pauses,
    /// vCPUs that wait for an answer) is undone.
    /// </summary>
    /// <param name="target">Which domain.</param>
    /// <param name="options">Cache size and the like; null for those of <see cref="XenOptions.Default"/>.</param>
    /// <exception cref="VmiDriverException">Xen is not installed here, there is no such domain, or no right to it.</exception>
    public static XenDriver Open(XenTarget target, XenOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        options ??= XenOptions.Default;
        var domain = XenDomain.Open(target.Resolve());
        XenMemory? memory = null;
        try
        {
            memory = XenMemory.Open(domain, options.MappedBytes);
            var info = domain.Information();
            var vcpus = (int)Math.Min(info.MaxVcpuId, ushort.MaxValue) + 1;
            var journal = new XenJournal(options.JournalDirectory, domain.Id, info.Handle);
            XenRecovery.Recover(domain, journal, vcpus);
            return new XenDriver(domain, memory, journal, vcpus, options);
        }
        catch
        {
            memory?.Dispose();
            domain.Dispose();
            throw;
        }
    }

    /// <summary>Opens the domain that a text names: its number, or its name.</summary>
    /// <inheritdoc cref="Open(XenTarget, XenOptions)" path="/exception"/>
    public static XenDriver Open(string target, XenOptions? options = null) => Open(XenTarget.Parse(target), options);

    /// <summary>Takes back all that was changed in the domain and closes it. Memory that a reader still holds stays mapped.</summary>
    public void Dispose()
    {
        lock (_control)
        {
            if (_disposed)
                return;
            try
            {
                ResetState();
                while (_pauses > 0)
                    Resume();
            }
            catch (VmiDriverException)
            {
                // A domain that is gone needs no undoing.
            }
            finally
            {
                _disposed = true;
                _injection?.Dispose();
                _journal.Dispose();
                _memory.Dispose();
                _domain.Dispose();
            }
        }
    }

    private uint Checked(VcpuId vcpu) => vcpu.Value < _vcpus
        ? vcpu.Value
        : throw new ArgumentOutOfRangeException(nameof(vcpu), vcpu.Value, $"There is no vCPU {vcpu}: {Name} has {_vcpus}.");

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);
}
