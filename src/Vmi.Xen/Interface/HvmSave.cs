namespace Vmi.Xen;

/// <summary>The rest of what is needed of Xen's saved state (xen/hvm/save.h, xen/arch-x86/hvm/save.h).</summary>
internal static class HvmSave
{
    /// <summary>Bytes of `struct hvm_save_descriptor`: type (2), instance (2), length (4).</summary>
    public const int DescriptorBytes = 8;

    /// <summary>HVM_SAVE_CODE(END).</summary>
    public const ushort End = 0;

    /// <summary>HVM_SAVE_CODE(HEADER).</summary>
    public const ushort Header = 1;

    /// <summary>HVM_SAVE_CODE(LAPIC_REGS).</summary>
    public const ushort LapicRegisters = 6;

    /// <summary>CPU_XSAVE_CODE.</summary>
    public const ushort Xsave = 16;

    /// <summary>`hvm_hw_cpu_xsave.xcr0`.</summary>
    public const int Xcr0Offset = 8;

    /// <summary>The task-priority register in the page of the local APIC; CR8 is its bits 4 to 7.</summary>
    public const int TaskPriorityOffset = 0x80;
}
