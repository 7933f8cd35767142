using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vmi.Xen;

/// <summary>libxenevtchn (xenevtchn.h).</summary>
internal static partial class XenEventChannel
{
    static XenEventChannel() => RuntimeHelpers.RunClassConstructor(typeof(XenLibraries).TypeHandle);

    [LibraryImport(XenLibraries.EventChannel, SetLastError = true)]
    public static partial nint xenevtchn_open(nint logger, uint flags);

    [LibraryImport(XenLibraries.EventChannel)]
    public static partial int xenevtchn_close(nint channels);

    [LibraryImport(XenLibraries.EventChannel)]
    public static partial int xenevtchn_fd(nint channels);

    [LibraryImport(XenLibraries.EventChannel, SetLastError = true)]
    public static partial int xenevtchn_bind_interdomain(nint channels, uint domain, uint remotePort);

    [LibraryImport(XenLibraries.EventChannel, SetLastError = true)]
    public static partial int xenevtchn_unbind(nint channels, uint port);

    [LibraryImport(XenLibraries.EventChannel, SetLastError = true)]
    public static partial int xenevtchn_pending(nint channels);

    [LibraryImport(XenLibraries.EventChannel, SetLastError = true)]
    public static partial int xenevtchn_unmask(nint channels, uint port);

    [LibraryImport(XenLibraries.EventChannel, SetLastError = true)]
    public static partial int xenevtchn_notify(nint channels, uint port);
}
