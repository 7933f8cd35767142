using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vmi.Xen;

/// <summary>libxenctrl (xenctrl.h): -1 and an error number where a call fails.</summary>
internal static unsafe partial class XenControl
{
    static XenControl() => RuntimeHelpers.RunClassConstructor(typeof(XenLibraries).TypeHandle);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial nint xc_interface_open(nint logger, nint builderLogger, uint flags);

    [LibraryImport(XenLibraries.Control)]
    public static partial int xc_interface_close(nint control);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_version(nint control, int command, void* argument);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_domain_getinfolist(nint control, uint first, uint count, DomainInfo* info);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_domain_pause(nint control, uint domain);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_domain_unpause(nint control, uint domain);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_domain_maximum_gpfn(nint control, uint domain, ulong* gfn);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_get_pfn_type_batch(nint control, uint domain, uint count, ulong* types);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_domain_setmaxmem(nint control, uint domain, ulong kibibytes);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_domain_populate_physmap_exact(
        nint control, uint domain, nuint extents, uint order, uint flags, ulong* gfns);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_domain_decrease_reservation_exact(nint control, uint domain, nuint extents, uint order, ulong* gfns);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_domain_hvm_getcontext(nint control, uint domain, byte* buffer, uint size);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_domain_hvm_getcontext_partial(
        nint control, uint domain, ushort type, ushort instance, void* buffer, uint size);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_domain_hvm_setcontext(nint control, uint domain, byte* buffer, uint size);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_vcpu_getinfo(nint control, uint domain, uint vcpu, VcpuInfo* info);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_domain_debug_control(nint control, uint domain, uint operation, uint vcpu);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_hvm_param_get(nint control, uint domain, uint parameter, ulong* value);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_hvm_param_set(nint control, uint domain, uint parameter, ulong value);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_set_mem_access_multi(nint control, uint domain, byte* access, ulong* gfns, uint count);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_get_mem_access(nint control, uint domain, ulong gfn, int* access);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_altp2m_get_domain_state(nint control, uint domain, byte* state);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_altp2m_set_domain_state(nint control, uint domain, [MarshalAs(UnmanagedType.U1)] bool state);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_get_paging_mempool_size(nint control, uint domain, ulong* bytes);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_altp2m_create_view(nint control, uint domain, int access, ushort* view);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_altp2m_destroy_view(nint control, uint domain, ushort view);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_altp2m_switch_to_view(nint control, uint domain, ushort view);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_altp2m_set_mem_access(nint control, uint domain, ushort view, ulong gfn, int access);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_altp2m_set_mem_access_multi(
        nint control, uint domain, ushort view, byte* access, ulong* gfns, uint count);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_altp2m_get_mem_access(nint control, uint domain, ushort view, ulong gfn, int* access);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_altp2m_change_gfn(nint control, uint domain, ushort view, ulong oldGfn, ulong newGfn);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_vm_event_get_version(nint control);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial byte* xc_monitor_enable(nint control, uint domain, uint* port);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_monitor_disable(nint control, uint domain);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_monitor_get_capabilities(nint control, uint domain, uint* capabilities);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_monitor_write_ctrlreg(
        nint control, uint domain, ushort index, [MarshalAs(UnmanagedType.U1)] bool enable, [MarshalAs(UnmanagedType.U1)] bool sync,
        ulong mask, [MarshalAs(UnmanagedType.U1)] bool onChangeOnly);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_monitor_mov_to_msr(
        nint control, uint domain, uint msr, [MarshalAs(UnmanagedType.U1)] bool enable, [MarshalAs(UnmanagedType.U1)] bool onChangeOnly);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_monitor_singlestep(nint control, uint domain, [MarshalAs(UnmanagedType.U1)] bool enable);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_monitor_software_breakpoint(nint control, uint domain, [MarshalAs(UnmanagedType.U1)] bool enable);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_monitor_descriptor_access(nint control, uint domain, [MarshalAs(UnmanagedType.U1)] bool enable);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_monitor_guest_request(
        nint control, uint domain, [MarshalAs(UnmanagedType.U1)] bool enable, [MarshalAs(UnmanagedType.U1)] bool sync,
        [MarshalAs(UnmanagedType.U1)] bool allowUserspace);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_monitor_debug_exceptions(
        nint control, uint domain, [MarshalAs(UnmanagedType.U1)] bool enable, [MarshalAs(UnmanagedType.U1)] bool sync);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_monitor_cpuid(nint control, uint domain, [MarshalAs(UnmanagedType.U1)] bool enable);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_monitor_emul_unimplemented(nint control, uint domain, [MarshalAs(UnmanagedType.U1)] bool enable);

    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_domctl(nint control, MonitorOperation* operation);

    /// <summary>From Xen 4.18 on: see whether the library has it first.</summary>
    [LibraryImport(XenLibraries.Control, SetLastError = true)]
    public static partial int xc_monitor_io(nint control, uint domain, [MarshalAs(UnmanagedType.U1)] bool enable);
}
