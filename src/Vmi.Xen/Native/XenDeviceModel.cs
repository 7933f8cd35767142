using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vmi.Xen;

/// <summary>libxendevicemodel (xendevicemodel.h).</summary>
internal static partial class XenDeviceModel
{
    static XenDeviceModel() => RuntimeHelpers.RunClassConstructor(typeof(XenLibraries).TypeHandle);

    [LibraryImport(XenLibraries.DeviceModel, SetLastError = true)]
    public static partial nint xendevicemodel_open(nint logger, uint flags);

    [LibraryImport(XenLibraries.DeviceModel)]
    public static partial int xendevicemodel_close(nint model);

    [LibraryImport(XenLibraries.DeviceModel, SetLastError = true)]
    public static partial int xendevicemodel_inject_event(
        nint model, ushort domain, int vcpu, byte vector, byte type, uint errorCode, byte instructionLength, ulong extra);
}
