using System.Runtime.InteropServices;
using static Vmi.Xen.XenEventChannel;

namespace Vmi.Xen;

/// <summary>An event channel to the hypervisor's side of the ring.</summary>
internal sealed unsafe class EventChannel : IEventChannel
{
    private readonly string _who;
    private readonly int _descriptor;
    private readonly uint _port;
    private nint _channels;

    private EventChannel(string who, nint channels, uint port)
    {
        _who = who;
        _channels = channels;
        _port = port;
        _descriptor = xenevtchn_fd(channels);
    }

    /// <summary>Binds the port that Xen has for the ring of a domain.</summary>
    public static EventChannel Bind(XenDomain domain, uint remotePort)
    {
        var channels = xenevtchn_open(QuietLogger.Instance, 0);
        if (channels == 0)
            throw XenError.Last("opening event channels (/dev/xen/evtchn)", domain.Name);
        var port = xenevtchn_bind_interdomain(channels, domain.Id, remotePort);
        if (port >= 0)
            return new EventChannel(domain.Name, channels, (uint)port);
        var failure = XenError.Last("binding the event channel", domain.Name);
        _ = xenevtchn_close(channels);
        throw failure;
    }

    public bool Wait(int milliseconds)
    {
        var descriptor = new Libc.PollDescriptor { Descriptor = _descriptor, Events = Libc.PollIn };
        var ready = Libc.poll(&descriptor, 1, milliseconds);
        if (ready < 0 && Marshal.GetLastPInvokeError() != Libc.Interrupted)
            throw XenError.Last("waiting for events", _who);
        if (ready <= 0)
            return false;
        var port = xenevtchn_pending(_channels);
        if (port >= 0)
            _ = xenevtchn_unmask(_channels, (uint)port);
        return true;
    }

    public void Notify()
    {
        if (xenevtchn_notify(_channels, _port) < 0)
            throw XenError.Last("answering events", _who);
    }

    public void Dispose()
    {
        if (_channels == 0)
            return;
        _ = xenevtchn_unbind(_channels, _port);
        _ = xenevtchn_close(_channels);
        _channels = 0;
    }
}
