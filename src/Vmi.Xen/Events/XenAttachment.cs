namespace Vmi.Xen;

/// <summary>The ring of a domain's events, as long as this process has it.</summary>
internal sealed unsafe class XenAttachment : IDisposable
{
    private readonly XenDomain _domain;
    private readonly EventChannel _channel;
    private byte* _page;

    private XenAttachment(XenDomain domain, byte* page, EventChannel channel, EventRing ring)
    {
        _domain = domain;
        _page = page;
        _channel = channel;
        Ring = ring;
    }

    public EventRing Ring { get; }

    public IEventChannel Channel => _channel;

    /// <summary>Makes the ring.</summary>
    /// <exception cref="VmiDriverException">Another has it, or Xen refuses.</exception>
    /// <exception cref="VmiNotSupportedException">The hypervisor's events have another form.</exception>
    public static XenAttachment Attach(XenDomain domain)
    {
        var version = domain.EventVersion();
        if (version != VmEvent.InterfaceVersion)
        {
            throw new VmiNotSupportedException(
                $"the events of Xen {domain.Hypervisor} (vm_event version {version}, known is {VmEvent.InterfaceVersion})", domain.Name);
        }

        var page = domain.MakeRing(out var port);
        if (page == null)
            throw new VmiDriverException($"{domain.Name}: another program has its events (vm_event ring).");
        try
        {
            // Made before the bell is bound: from then on events may come.
            var ring = new EventRing(page);
            return new XenAttachment(domain, page, EventChannel.Bind(domain, port), ring);
        }
        catch
        {
            _ = Libc.munmap(page, Frame.Size);
            domain.RemoveRing();
            throw;
        }
    }

    /// <summary>
    /// Lets each vCPU go on that a process which is gone has left waiting for an answer. Takes the ring of that process away.
    /// </summary>
    /// <param name="domain">The domain.</param>
    /// <param name="vcpus">How many vCPUs it has.</param>
    /// <param name="before">What is to be restored first, and needs a ring.</param>
    public static void Release(XenDomain domain, int vcpus, Action before)
    {
        domain.RemoveRing();
        // A ring of its own for this: the answers that no request belongs to put Xen's counts out of step.
        using var attachment = Attach(domain);
        before();
        for (var vcpu = 0u; vcpu < (uint)vcpus; vcpu++)
        {
            domain.EndSinglestep(vcpu);
            var answer = new VmEvent { Version = VmEvent.InterfaceVersion, Flags = VmEventBits.VcpuPaused, VcpuId = vcpu };
            attachment.Ring.Answer(answer);
            attachment._channel.Notify();
        }
    }

    public void Dispose()
    {
        if (_page == null)
            return;
        _channel.Dispose();
        _ = Libc.munmap(_page, Frame.Size);
        _page = null;
        _domain.RemoveRing();
    }
}
