using System.Runtime.InteropServices;

namespace Vmi.Xen;

/// <summary>`xc_domaininfo_t` (struct xen_domctl_getdomaininfo), with room for what later versions have at its end.</summary>
[StructLayout(LayoutKind.Explicit, Size = 512)]
internal struct DomainInfo
{
    public const uint Dying = 1 << 0;       // XEN_DOMINF_dying
    public const uint Hvm = 1 << 1;         // XEN_DOMINF_hvm_guest
    public const uint ShutDown = 1 << 2;    // XEN_DOMINF_shutdown
    public const uint Hap = 1 << 8;         // XEN_DOMINF_hap

    [FieldOffset(0)]
    public ushort Domain;

    [FieldOffset(4)]
    public uint Flags;

    [FieldOffset(8)]
    public ulong Pages;

    [FieldOffset(16)]
    public ulong MaxPages;

    [FieldOffset(68)]
    public uint MaxVcpuId;

    [FieldOffset(76)]
    public Guid Handle;
}
