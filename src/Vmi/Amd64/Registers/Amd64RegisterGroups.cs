namespace Vmi.Amd64;

/// <summary>Registers that a source has, or lacks, together.</summary>
[Flags]
public enum Amd64RegisterGroups
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>RAX to R15, RIP and RFLAGS.</summary>
    General = 1 << 0,

    /// <summary>CS, DS, ES, FS, GS, SS, TR and LDTR with their hidden parts.</summary>
    Segments = 1 << 1,

    /// <summary>GDTR and IDTR.</summary>
    DescriptorTables = 1 << 2,

    /// <summary>CR0, CR2, CR3 and CR4.</summary>
    Control = 1 << 3,

    /// <summary>CR8, the task priority.</summary>
    Cr8 = 1 << 4,

    /// <summary>XCR0.</summary>
    Xcr0 = 1 << 5,

    /// <summary>DR0 to DR3, DR6 and DR7.</summary>
    Debug = 1 << 6,

    /// <summary>EFER.</summary>
    Efer = 1 << 7,

    /// <summary>STAR, LSTAR, CSTAR and FMASK.</summary>
    SyscallMsrs = 1 << 8,

    /// <summary>KERNEL_GS_BASE, which SWAPGS exchanges with the base of GS.</summary>
    KernelGsBase = 1 << 9,

    /// <summary>SYSENTER_CS, SYSENTER_ESP and SYSENTER_EIP.</summary>
    Sysenter = 1 << 10,

    /// <summary>TSC_AUX.</summary>
    TscAux = 1 << 11,

    /// <summary>The bases of FS and GS by themselves; a source may have them without the rest of the segments.</summary>
    SegmentBases = 1 << 12,

    /// <summary>XMM0 to XMM15 and MXCSR.</summary>
    Sse = 1 << 13,

    /// <summary>All of them.</summary>
    All = (1 << 14) - 1,
}
