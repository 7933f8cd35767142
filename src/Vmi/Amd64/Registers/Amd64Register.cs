namespace Vmi.Amd64;

/// <summary>The registers that <see cref="Amd64Registers"/> holds, group by group.</summary>
public enum Amd64Register : byte
{
    /// <summary>RAX.</summary>
    Rax,

    /// <summary>RCX.</summary>
    Rcx,

    /// <summary>RDX.</summary>
    Rdx,

    /// <summary>RBX.</summary>
    Rbx,

    /// <summary>RSP.</summary>
    Rsp,

    /// <summary>RBP.</summary>
    Rbp,

    /// <summary>RSI.</summary>
    Rsi,

    /// <summary>RDI.</summary>
    Rdi,

    /// <summary>R8.</summary>
    R8,

    /// <summary>R9.</summary>
    R9,

    /// <summary>R10.</summary>
    R10,

    /// <summary>R11.</summary>
    R11,

    /// <summary>R12.</summary>
    R12,

    /// <summary>R13.</summary>
    R13,

    /// <summary>R14.</summary>
    R14,

    /// <summary>R15.</summary>
    R15,

    /// <summary>RIP.</summary>
    Rip,

    /// <summary>RFLAGS.</summary>
    Rflags,

    /// <summary>CS.</summary>
    Cs,

    /// <summary>DS.</summary>
    Ds,

    /// <summary>ES.</summary>
    Es,

    /// <summary>FS.</summary>
    Fs,

    /// <summary>GS.</summary>
    Gs,

    /// <summary>SS.</summary>
    Ss,

    /// <summary>TR.</summary>
    Tr,

    /// <summary>LDTR.</summary>
    Ldtr,

    /// <summary>GDTR.</summary>
    Gdtr,

    /// <summary>IDTR.</summary>
    Idtr,

    /// <summary>CR0.</summary>
    Cr0,

    /// <summary>CR2.</summary>
    Cr2,

    /// <summary>CR3.</summary>
    Cr3,

    /// <summary>CR4.</summary>
    Cr4,

    /// <summary>CR8.</summary>
    Cr8,

    /// <summary>XCR0.</summary>
    Xcr0,

    /// <summary>DR0.</summary>
    Dr0,

    /// <summary>DR1.</summary>
    Dr1,

    /// <summary>DR2.</summary>
    Dr2,

    /// <summary>DR3.</summary>
    Dr3,

    /// <summary>DR6.</summary>
    Dr6,

    /// <summary>DR7.</summary>
    Dr7,

    /// <summary>EFER.</summary>
    Efer,

    /// <summary>STAR.</summary>
    Star,

    /// <summary>LSTAR.</summary>
    Lstar,

    /// <summary>CSTAR.</summary>
    Cstar,

    /// <summary>FMASK.</summary>
    Fmask,

    /// <summary>KERNEL_GS_BASE.</summary>
    KernelGsBase,

    /// <summary>The base of FS by itself, from a source that has no other hidden part of the segments (MSR 0xc0000100).</summary>
    FsBase,

    /// <summary>The base of GS by itself, from a source that has no other hidden part of the segments (MSR 0xc0000101).</summary>
    GsBase,

    /// <summary>SYSENTER_CS.</summary>
    SysenterCs,

    /// <summary>SYSENTER_ESP.</summary>
    SysenterEsp,

    /// <summary>SYSENTER_EIP.</summary>
    SysenterEip,

    /// <summary>TSC_AUX.</summary>
    TscAux,

    /// <summary>XMM0.</summary>
    Xmm0,

    /// <summary>XMM1.</summary>
    Xmm1,

    /// <summary>XMM2.</summary>
    Xmm2,

    /// <summary>XMM3.</summary>
    Xmm3,

    /// <summary>XMM4.</summary>
    Xmm4,

    /// <summary>XMM5.</summary>
    Xmm5,

    /// <summary>XMM6.</summary>
    Xmm6,

    /// <summary>XMM7.</summary>
    Xmm7,

    /// <summary>XMM8.</summary>
    Xmm8,

    /// <summary>XMM9.</summary>
    Xmm9,

    /// <summary>XMM10.</summary>
    Xmm10,

    /// <summary>XMM11.</summary>
    Xmm11,

    /// <summary>XMM12.</summary>
    Xmm12,

    /// <summary>XMM13.</summary>
    Xmm13,

    /// <summary>XMM14.</summary>
    Xmm14,

    /// <summary>XMM15.</summary>
    Xmm15,

    /// <summary>MXCSR.</summary>
    Mxcsr,
}
