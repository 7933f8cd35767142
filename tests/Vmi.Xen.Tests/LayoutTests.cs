using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Vmi.Amd64;

namespace Vmi.Xen.Tests;

/// <summary>Every structure and number of Xen's interface that the driver has, against the headers of each version.</summary>
public sealed class LayoutTests
{
    private const string Event = "vm_event_request_t";
    private const string Cpu = "struct hvm_hw_cpu";

    public static TheoryData<string> Versions => ["4.17", "4.20"];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Structures_have_the_sizes_and_offsets_of_the_headers(string version)
    {
        var expected = new Dictionary<string, long>
        {
            [$"sizeof({Event})"] = VmEvent.Size,
            [$"sizeof(vm_event_response_t)"] = Unsafe.SizeOf<VmEvent>(),
            ["sizeof(struct vm_event_regs_x86)"] = Unsafe.SizeOf<VmEventRegisters>(),
            [$"sizeof({Cpu})"] = Unsafe.SizeOf<HvmCpu>(),
            ["sizeof(struct hvm_save_descriptor)"] = HvmSave.DescriptorBytes,
            ["offsetof(struct hvm_hw_cpu_xsave, xcr0)"] = HvmSave.Xcr0Offset,
            ["offsetof(struct vm_event_sring, ring)"] = EventRing.FirstEntry,
            ["offsetof(struct vm_event_sring, req_prod)"] = EventRing.RequestsProduced,
            ["offsetof(struct vm_event_sring, req_event)"] = EventRing.RequestEvent,
            ["offsetof(struct vm_event_sring, rsp_prod)"] = EventRing.AnswersProduced,
            ["offsetof(struct vm_event_sring, rsp_event)"] = EventRing.AnswerEvent,
            ["__RING_SIZE((struct vm_event_sring *)0, 4096)"] = EventRing.Capacity,
            [$"offsetof({Event}, version)"] = Offset<VmEvent>(nameof(VmEvent.Version)),
            [$"offsetof({Event}, flags)"] = Offset<VmEvent>(nameof(VmEvent.Flags)),
            [$"offsetof({Event}, reason)"] = Offset<VmEvent>(nameof(VmEvent.Kind)),
            [$"offsetof({Event}, vcpu_id)"] = Offset<VmEvent>(nameof(VmEvent.VcpuId)),
            [$"offsetof({Event}, altp2m_idx)"] = Offset<VmEvent>(nameof(VmEvent.View)),
            [$"offsetof({Event}, data.regs.x86)"] = Offset<VmEvent>(nameof(VmEvent.Registers)),
            [$"offsetof({Event}, u.fast_singlestep.p2midx)"] = Offset<VmEvent>(nameof(VmEvent.FastSinglestepView)),
            [$"offsetof({Event}, u.singlestep.gfn)"] = Offset<VmEvent>(nameof(VmEvent.SinglestepGfn)),
            ["sizeof(struct xen_domctl)"] = MonitorOperation.Size,
            ["offsetof(struct xen_domctl, cmd)"] = Offset<MonitorOperation>(nameof(MonitorOperation.Command)),
            ["offsetof(struct xen_domctl, domain)"] = Offset<MonitorOperation>(nameof(MonitorOperation.Domain)),
            ["offsetof(struct xen_domctl, u.monitor_op.op)"] = Offset<MonitorOperation>(nameof(MonitorOperation.Operation)),
            ["offsetof(struct xen_domctl, u.monitor_op.event)"] = Offset<MonitorOperation>(nameof(MonitorOperation.Event)),
            ["sizeof(xc_vcpuinfo_t)"] = Unsafe.SizeOf<VcpuInfo>(),
            ["offsetof(xc_vcpuinfo_t, blocked)"] = Offset<VcpuInfo>(nameof(VcpuInfo.IsBlocked)),
            ["offsetof(xc_vcpuinfo_t, cpu_time)"] = Offset<VcpuInfo>(nameof(VcpuInfo.CpuTime)),
            ["offsetof(xc_domaininfo_t, domain)"] = Offset<DomainInfo>(nameof(DomainInfo.Domain)),
            ["offsetof(xc_domaininfo_t, flags)"] = Offset<DomainInfo>(nameof(DomainInfo.Flags)),
            ["offsetof(xc_domaininfo_t, tot_pages)"] = Offset<DomainInfo>(nameof(DomainInfo.Pages)),
            ["offsetof(xc_domaininfo_t, max_pages)"] = Offset<DomainInfo>(nameof(DomainInfo.MaxPages)),
            ["offsetof(xc_domaininfo_t, max_vcpu_id)"] = Offset<DomainInfo>(nameof(DomainInfo.MaxVcpuId)),
            ["offsetof(xc_domaininfo_t, handle)"] = Offset<DomainInfo>(nameof(DomainInfo.Handle)),
        };
        Members<VmEvent.MemoryAccessEvent>(
            expected, "mem_access", ("gfn", "Gfn"), ("offset", "Offset"), ("gla", "Gla"), ("flags", "Flags"));
        Members<VmEvent.WriteControlRegisterEvent>(
            expected, "write_ctrlreg", ("index", "Index"), ("new_value", "NewValue"), ("old_value", "OldValue"));
        Members<VmEvent.WriteMsrEvent>(expected, "mov_to_msr", ("msr", "Msr"), ("new_value", "NewValue"), ("old_value", "OldValue"));
        Members<VmEvent.DescriptorAccessEvent>(expected, "desc_access", ("descriptor", "Descriptor"), ("is_write", "IsWrite"));
        Members<VmEvent.DebugEvent>(
            expected, "software_breakpoint", ("gfn", "Gfn"), ("pending_dbg", "Pending"), ("insn_length", "InstructionLength"),
            ("type", "Type"));
        Members<VmEvent.CpuIdEvent>(
            expected, "cpuid", ("insn_length", "InstructionLength"), ("leaf", "Leaf"), ("subleaf", "Subleaf"));
        if (version != "4.17")
            Members<VmEvent.IoEvent>(expected, "io", ("bytes", "Bytes"), ("port", "Port"), ("in", "IsIn"), ("str", "IsString"));
        foreach (var field in typeof(VmEventRegisters).GetFields().Where(field => field.Name != "Padding"))
            expected[$"offsetof(struct vm_event_regs_x86, {CName(field.Name)})"] = Offset<VmEventRegisters>(field.Name);
        foreach (var field in typeof(HvmCpu).GetFields().Where(field => !field.IsLiteral && field.Name != "FpuRegs"))
            expected[$"offsetof({Cpu}, {CName(field.Name)})"] = Offset<HvmCpu>(field.Name);
        // Of a bit field there is no offset: what follows it has one.
        foreach (var segment in (string[])["cs", "ss", "ds", "es", "fs", "gs"])
            expected[$"sizeof(((struct vm_event_regs_x86 *)0)->{segment})"] = sizeof(uint);
        AssertSame(version, expected);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Numbers_are_those_of_the_headers(string version)
    {
        var expected = new Dictionary<string, long>
        {
            ["XEN_DOMCTL_monitor_op"] = MonitorOperation.MonitorCommand,
            ["XEN_DOMCTL_MONITOR_OP_CONTROL_REGISTERS"] = MonitorOperation.HoldWrites,
            ["VM_EVENT_INTERFACE_VERSION"] = VmEvent.InterfaceVersion,
            ["VM_EVENT_FLAG_VCPU_PAUSED"] = (long)VmEventBits.VcpuPaused,
            ["VM_EVENT_FLAG_EMULATE"] = (long)VmEventBits.Emulate,
            ["VM_EVENT_FLAG_TOGGLE_SINGLESTEP"] = (long)VmEventBits.ToggleSinglestep,
            ["VM_EVENT_FLAG_DENY"] = (long)VmEventBits.Deny,
            ["VM_EVENT_FLAG_ALTERNATE_P2M"] = (long)VmEventBits.AlternateP2m,
            ["VM_EVENT_FLAG_SET_REGISTERS"] = (long)VmEventBits.SetRegisters,
            ["VM_EVENT_FLAG_FAST_SINGLESTEP"] = (long)VmEventBits.FastSinglestep,
            ["VM_EVENT_REASON_MEM_ACCESS"] = (long)VmEventKind.MemoryAccess,
            ["VM_EVENT_REASON_WRITE_CTRLREG"] = (long)VmEventKind.WriteControlRegister,
            ["VM_EVENT_REASON_MOV_TO_MSR"] = (long)VmEventKind.WriteMsr,
            ["VM_EVENT_REASON_SOFTWARE_BREAKPOINT"] = (long)VmEventKind.SoftwareBreakpoint,
            ["VM_EVENT_REASON_SINGLESTEP"] = (long)VmEventKind.Singlestep,
            ["VM_EVENT_REASON_GUEST_REQUEST"] = (long)VmEventKind.GuestRequest,
            ["VM_EVENT_REASON_DEBUG_EXCEPTION"] = (long)VmEventKind.DebugException,
            ["VM_EVENT_REASON_CPUID"] = (long)VmEventKind.CpuId,
            ["VM_EVENT_REASON_DESCRIPTOR_ACCESS"] = (long)VmEventKind.DescriptorAccess,
            ["VM_EVENT_REASON_EMUL_UNIMPLEMENTED"] = (long)VmEventKind.EmulationUnimplemented,
            ["VM_EVENT_X86_CR0"] = (long)ControlRegister.Cr0,
            ["VM_EVENT_X86_CR3"] = (long)ControlRegister.Cr3,
            ["VM_EVENT_X86_CR4"] = (long)ControlRegister.Cr4,
            ["VM_EVENT_X86_XCR0"] = (long)ControlRegister.Xcr0,
            ["MEM_ACCESS_R"] = (long)MemoryAccess.Read,
            ["MEM_ACCESS_W"] = (long)MemoryAccess.Write,
            ["MEM_ACCESS_X"] = (long)MemoryAccess.Execute,
            ["MEM_ACCESS_GLA_VALID"] = VmEvent.MemoryAccessEvent.GlaValid,
            ["MEM_ACCESS_FAULT_WITH_GLA"] = VmEvent.MemoryAccessEvent.FaultWithGla,
            ["MEM_ACCESS_FAULT_IN_GPT"] = VmEvent.MemoryAccessEvent.FaultInGpt,
            ["XEN_DOMCTL_MONITOR_EVENT_WRITE_CTRLREG"] = (long)MonitorKind.WriteControlRegister,
            ["XEN_DOMCTL_MONITOR_EVENT_MOV_TO_MSR"] = (long)MonitorKind.WriteMsr,
            ["XEN_DOMCTL_MONITOR_EVENT_SINGLESTEP"] = (long)MonitorKind.Singlestep,
            ["XEN_DOMCTL_MONITOR_EVENT_SOFTWARE_BREAKPOINT"] = (long)MonitorKind.SoftwareBreakpoint,
            ["XEN_DOMCTL_MONITOR_EVENT_GUEST_REQUEST"] = (long)MonitorKind.GuestRequest,
            ["XEN_DOMCTL_MONITOR_EVENT_DEBUG_EXCEPTION"] = (long)MonitorKind.DebugException,
            ["XEN_DOMCTL_MONITOR_EVENT_CPUID"] = (long)MonitorKind.CpuId,
            ["XEN_DOMCTL_MONITOR_EVENT_DESC_ACCESS"] = (long)MonitorKind.DescriptorAccess,
            ["XEN_DOMCTL_MONITOR_EVENT_EMUL_UNIMPLEMENTED"] = (long)MonitorKind.EmulationUnimplemented,
            ["XENMEM_access_n"] = XenAccess.Of(MemoryAccess.None, default),
            ["XENMEM_access_r"] = XenAccess.Of(MemoryAccess.Read, default),
            ["XENMEM_access_rw"] = XenAccess.Of(MemoryAccess.ReadWrite, default),
            ["XENMEM_access_x"] = XenAccess.Of(MemoryAccess.Execute, default),
            ["XENMEM_access_rx"] = XenAccess.Of(MemoryAccess.ReadExecute, default),
            ["XENMEM_access_rwx"] = XenAccess.All,
            ["XENMEM_access_rx2rw"] = XenAccess.ReadExecuteUntilWrite,
            ["XENMEM_access_n2rwx"] = XenAccess.NoneUntilTouch,
            // The trap that the version check is for: one number, two meanings.
            [version == "4.17" ? "XENMEM_access_default" : "XENMEM_access_r_pw"] = XenAccess.ReadWithPageWalkUpdates,
            ["HVM_SAVE_CODE(HEADER)"] = HvmSave.Header,
            ["HVM_SAVE_CODE(CPU)"] = HvmCpu.TypeCode,
            ["HVM_SAVE_CODE(LAPIC_REGS)"] = HvmSave.LapicRegisters,
            ["HVM_SAVE_CODE(END)"] = HvmSave.End,
            ["CPU_XSAVE_CODE"] = HvmSave.Xsave,
            ["XEN_DOMINF_dying"] = DomainInfo.Dying,
            ["XEN_DOMINF_hvm_guest"] = DomainInfo.Hvm,
            ["XEN_DOMINF_hap"] = DomainInfo.Hap,
            ["XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_OFF"] = 0,
            ["HVM_PARAM_ALTP2M"] = XenDomain.Altp2mParameter,
            ["XEN_ALTP2M_external"] = (long)XenDomain.Altp2mExternal,
            ["XEN_DOMCTL_PFINFO_XTAB"] = unchecked((int)0xF0000000),
            ["XEN_DOMCTL_PFINFO_BROKEN"] = unchecked((int)0xD0000000),
        };
        AssertSame(version, expected);
    }

    private static void AssertSame(string version, Dictionary<string, long> expected)
    {
        var found = Headers.Evaluate(version, expected.Keys);
        var text = new StringBuilder();
        foreach (var (expression, value) in expected)
        {
            // Some of the headers' numbers are unsigned, some are not.
            if ((uint)found[expression] != (uint)value)
                text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"{expression}: {found[expression]}, here {value}");
        }

        Assert.Equal("", text.ToString());
        Assert.NotEmpty(expected);
    }

    private static void Members<T>(Dictionary<string, long> expected, string member, params ReadOnlySpan<(string C, string Name)> fields)
    {
        foreach (var (c, name) in fields)
            expected[$"offsetof({Event}, u.{member}.{c})"] = Marshal.OffsetOf<VmEvent>(nameof(VmEvent.MemoryAccess)) + Offset<T>(name);
    }

    private static long Offset<T>(string field) => Marshal.OffsetOf<T>(field);

    /// <summary>MsrSyscallMask is msr_syscall_mask, R15 is r15.</summary>
    private static string CName(string name)
    {
        var text = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
