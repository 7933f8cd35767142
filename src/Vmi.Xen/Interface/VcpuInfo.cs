using System.Runtime.InteropServices;

namespace Vmi.Xen;

/// <summary>`xc_vcpuinfo_t` (struct xen_domctl_getvcpuinfo).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VcpuInfo
{
    public uint Vcpu;
    public byte IsOnline;
    public byte IsBlocked;
    public byte IsRunning;

    /// <summary>Nanoseconds that it has run.</summary>
    public ulong CpuTime;

    public uint Cpu;
}
