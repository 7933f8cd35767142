using System.Runtime.InteropServices;

namespace Vmi.Xen;

/// <summary>`vm_event_request_t` and `vm_event_response_t`, which are one: an event in the ring, or its answer.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct VmEvent
{
    public const int Size = 400;

    /// <summary>VM_EVENT_INTERFACE_VERSION of Xen 4.17 to 4.20.</summary>
    public const uint InterfaceVersion = 7;

    private const int Reason = 24;

    [FieldOffset(0)]
    public uint Version;

    [FieldOffset(4)]
    public VmEventBits Flags;

    [FieldOffset(8)]
    public VmEventKind Kind;

    [FieldOffset(12)]
    public uint VcpuId;

    [FieldOffset(16)]
    public ushort View;

    [FieldOffset(Reason)]
    public MemoryAccessEvent MemoryAccess;

    [FieldOffset(Reason)]
    public WriteControlRegisterEvent WriteControlRegister;

    [FieldOffset(Reason)]
    public WriteMsrEvent WriteMsr;

    [FieldOffset(Reason)]
    public DescriptorAccessEvent DescriptorAccess;

    [FieldOffset(Reason)]
    public ulong SinglestepGfn;

    [FieldOffset(Reason)]
    public ushort FastSinglestepView;

    [FieldOffset(Reason)]
    public DebugEvent Debug;

    [FieldOffset(Reason)]
    public CpuIdEvent CpuId;

    [FieldOffset(Reason)]
    public IoEvent Io;

    [FieldOffset(56)]
    public VmEventRegisters Registers;

    /// <summary>`struct vm_event_mem_access`.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MemoryAccessEvent
    {
        public const uint GlaValid = 1 << 3;       // MEM_ACCESS_GLA_VALID
        public const uint FaultWithGla = 1 << 4;   // MEM_ACCESS_FAULT_WITH_GLA
        public const uint FaultInGpt = 1 << 5;     // MEM_ACCESS_FAULT_IN_GPT

        public ulong Gfn;
        public ulong Offset;
        public ulong Gla;
        public uint Flags;
        public uint Padding;
    }

    /// <summary>`struct vm_event_write_ctrlreg`.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct WriteControlRegisterEvent
    {
        public uint Index;
        public uint Padding;
        public ulong NewValue;
        public ulong OldValue;
    }

    /// <summary>`struct vm_event_mov_to_msr`.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct WriteMsrEvent
    {
        public ulong Msr;
        public ulong NewValue;
        public ulong OldValue;
    }

    /// <summary>`struct vm_event_desc_access`.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct DescriptorAccessEvent
    {
        public uint InstructionInformation;
        public uint Padding;
        public ulong ExitQualification;
        public byte Descriptor;
        public byte IsWrite;
    }

    /// <summary>`struct vm_event_debug`: a software breakpoint or a debug exception.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct DebugEvent
    {
        public ulong Gfn;
        public ulong Pending;
        public uint InstructionLength;
        public byte Type;
    }

    /// <summary>`struct vm_event_cpuid`.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct CpuIdEvent
    {
        public uint InstructionLength;
        public uint Leaf;
        public uint Subleaf;
        public uint Padding;
    }

    /// <summary>`struct vm_event_io`, from Xen 4.18 on.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoEvent
    {
        public uint Bytes;
        public ushort Port;
        public byte IsIn;
        public byte IsString;
    }
}
