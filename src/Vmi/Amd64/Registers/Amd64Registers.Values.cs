namespace Vmi.Amd64;

/// <content>
/// The registers by name. Each throws <see cref="RegisterNotAvailableException"/> if the source lacks it.
/// </content>
public sealed partial class Amd64Registers
{
    /// <summary>RAX.</summary>
    public ulong Rax
    {
        get => Get(Amd64Register.Rax);
        set => Set(Amd64Register.Rax, value);
    }

    /// <summary>RCX.</summary>
    public ulong Rcx
    {
        get => Get(Amd64Register.Rcx);
        set => Set(Amd64Register.Rcx, value);
    }

    /// <summary>RDX.</summary>
    public ulong Rdx
    {
        get => Get(Amd64Register.Rdx);
        set => Set(Amd64Register.Rdx, value);
    }

    /// <summary>RBX.</summary>
    public ulong Rbx
    {
        get => Get(Amd64Register.Rbx);
        set => Set(Amd64Register.Rbx, value);
    }

    /// <summary>RSP.</summary>
    public ulong Rsp
    {
        get => Get(Amd64Register.Rsp);
        set => Set(Amd64Register.Rsp, value);
    }

    /// <summary>RBP.</summary>
    public ulong Rbp
    {
        get => Get(Amd64Register.Rbp);
        set => Set(Amd64Register.Rbp, value);
    }

    /// <summary>RSI.</summary>
    public ulong Rsi
    {
        get => Get(Amd64Register.Rsi);
        set => Set(Amd64Register.Rsi, value);
    }

    /// <summary>RDI.</summary>
    public ulong Rdi
    {
        get => Get(Amd64Register.Rdi);
        set => Set(Amd64Register.Rdi, value);
    }

    /// <summary>R8.</summary>
    public ulong R8
    {
        get => Get(Amd64Register.R8);
        set => Set(Amd64Register.R8, value);
    }

    /// <summary>R9.</summary>
    public ulong R9
    {
        get => Get(Amd64Register.R9);
        set => Set(Amd64Register.R9, value);
    }

    /// <summary>R10.</summary>
    public ulong R10
    {
        get => Get(Amd64Register.R10);
        set => Set(Amd64Register.R10, value);
    }

    /// <summary>R11.</summary>
    public ulong R11
    {
        get => Get(Amd64Register.R11);
        set => Set(Amd64Register.R11, value);
    }

    /// <summary>R12.</summary>
    public ulong R12
    {
        get => Get(Amd64Register.R12);
        set => Set(Amd64Register.R12, value);
    }

    /// <summary>R13.</summary>
    public ulong R13
    {
        get => Get(Amd64Register.R13);
        set => Set(Amd64Register.R13, value);
    }

    /// <summary>R14.</summary>
    public ulong R14
    {
        get => Get(Amd64Register.R14);
        set => Set(Amd64Register.R14, value);
    }

    /// <summary>R15.</summary>
    public ulong R15
    {
        get => Get(Amd64Register.R15);
        set => Set(Amd64Register.R15, value);
    }

    /// <summary>RIP: the address of the next instruction.</summary>
    public ulong Rip
    {
        get => Get(Amd64Register.Rip);
        set => Set(Amd64Register.Rip, value);
    }

    /// <summary>RFLAGS.</summary>
    public Rflags Rflags
    {
        get => Get(Amd64Register.Rflags);
        set => Set(Amd64Register.Rflags, value.Value);
    }

    /// <summary>CS: code.</summary>
    public SegmentDescriptor Cs
    {
        get => GetSegment(Amd64Register.Cs);
        set => SetSegment(Amd64Register.Cs, value);
    }

    /// <summary>DS: data.</summary>
    public SegmentDescriptor Ds
    {
        get => GetSegment(Amd64Register.Ds);
        set => SetSegment(Amd64Register.Ds, value);
    }

    /// <summary>ES: data.</summary>
    public SegmentDescriptor Es
    {
        get => GetSegment(Amd64Register.Es);
        set => SetSegment(Amd64Register.Es, value);
    }

    /// <summary>FS; its base is the MSR FS_BASE.</summary>
    public SegmentDescriptor Fs
    {
        get => GetSegment(Amd64Register.Fs);
        set => SetSegment(Amd64Register.Fs, value);
    }

    /// <summary>GS; its base is the MSR GS_BASE.</summary>
    public SegmentDescriptor Gs
    {
        get => GetSegment(Amd64Register.Gs);
        set => SetSegment(Amd64Register.Gs, value);
    }

    /// <summary>SS: the stack.</summary>
    public SegmentDescriptor Ss
    {
        get => GetSegment(Amd64Register.Ss);
        set => SetSegment(Amd64Register.Ss, value);
    }

    /// <summary>TR: the task-state segment.</summary>
    public SegmentDescriptor Tr
    {
        get => GetSegment(Amd64Register.Tr);
        set => SetSegment(Amd64Register.Tr, value);
    }

    /// <summary>LDTR: the local descriptor table.</summary>
    public SegmentDescriptor Ldtr
    {
        get => GetSegment(Amd64Register.Ldtr);
        set => SetSegment(Amd64Register.Ldtr, value);
    }

    /// <summary>GDTR: the global descriptor table.</summary>
    public DescriptorTableRegister Gdtr
    {
        get => GetTable(Amd64Register.Gdtr);
        set => SetTable(Amd64Register.Gdtr, value);
    }

    /// <summary>IDTR: the interrupt descriptor table.</summary>
    public DescriptorTableRegister Idtr
    {
        get => GetTable(Amd64Register.Idtr);
        set => SetTable(Amd64Register.Idtr, value);
    }

    /// <summary>CR0.</summary>
    public Cr0 Cr0
    {
        get => Get(Amd64Register.Cr0);
        set => Set(Amd64Register.Cr0, value.Value);
    }

    /// <summary>CR2: the address of the last page fault.</summary>
    public ulong Cr2
    {
        get => Get(Amd64Register.Cr2);
        set => Set(Amd64Register.Cr2, value);
    }

    /// <summary>CR3: the root of the page tables.</summary>
    public Cr3 Cr3
    {
        get => Get(Amd64Register.Cr3);
        set => Set(Amd64Register.Cr3, value.Value);
    }

    /// <summary>CR4.</summary>
    public Cr4 Cr4
    {
        get => Get(Amd64Register.Cr4);
        set => Set(Amd64Register.Cr4, value.Value);
    }

    /// <summary>CR8: the task priority.</summary>
    public ulong Cr8
    {
        get => Get(Amd64Register.Cr8);
        set => Set(Amd64Register.Cr8, value);
    }

    /// <summary>XCR0: the processor state that XSAVE handles.</summary>
    public ulong Xcr0
    {
        get => Get(Amd64Register.Xcr0);
        set => Set(Amd64Register.Xcr0, value);
    }

    /// <summary>DR0: the address of breakpoint 0.</summary>
    public ulong Dr0
    {
        get => Get(Amd64Register.Dr0);
        set => Set(Amd64Register.Dr0, value);
    }

    /// <summary>DR1: the address of breakpoint 1.</summary>
    public ulong Dr1
    {
        get => Get(Amd64Register.Dr1);
        set => Set(Amd64Register.Dr1, value);
    }

    /// <summary>DR2: the address of breakpoint 2.</summary>
    public ulong Dr2
    {
        get => Get(Amd64Register.Dr2);
        set => Set(Amd64Register.Dr2, value);
    }

    /// <summary>DR3: the address of breakpoint 3.</summary>
    public ulong Dr3
    {
        get => Get(Amd64Register.Dr3);
        set => Set(Amd64Register.Dr3, value);
    }

    /// <summary>DR6: what caused the last debug exception.</summary>
    public Dr6 Dr6
    {
        get => Get(Amd64Register.Dr6);
        set => Set(Amd64Register.Dr6, value.Value);
    }

    /// <summary>DR7: the conditions of the breakpoints.</summary>
    public Dr7 Dr7
    {
        get => Get(Amd64Register.Dr7);
        set => Set(Amd64Register.Dr7, value.Value);
    }

    /// <summary>EFER (MSR 0xc0000080).</summary>
    public Efer Efer
    {
        get => Get(Amd64Register.Efer);
        set => Set(Amd64Register.Efer, value.Value);
    }

    /// <summary>STAR (MSR 0xc0000081): the segments of SYSCALL.</summary>
    public ulong Star
    {
        get => Get(Amd64Register.Star);
        set => Set(Amd64Register.Star, value);
    }

    /// <summary>LSTAR (MSR 0xc0000082): the target of SYSCALL.</summary>
    public ulong Lstar
    {
        get => Get(Amd64Register.Lstar);
        set => Set(Amd64Register.Lstar, value);
    }

    /// <summary>CSTAR (MSR 0xc0000083): the target of SYSCALL in compatibility mode.</summary>
    public ulong Cstar
    {
        get => Get(Amd64Register.Cstar);
        set => Set(Amd64Register.Cstar, value);
    }

    /// <summary>FMASK (MSR 0xc0000084): the RFLAGS that SYSCALL clears.</summary>
    public ulong Fmask
    {
        get => Get(Amd64Register.Fmask);
        set => Set(Amd64Register.Fmask, value);
    }

    /// <summary>KERNEL_GS_BASE (MSR 0xc0000102): what SWAPGS exchanges with the base of GS.</summary>
    public ulong KernelGsBase
    {
        get => Get(Amd64Register.KernelGsBase);
        set => Set(Amd64Register.KernelGsBase, value);
    }

    /// <summary>The base of FS: the one carried by itself if there is one, else that of <see cref="Fs"/>.</summary>
    public ulong FsBase
    {
        get => Has(Amd64RegisterGroups.SegmentBases) ? Get(Amd64Register.FsBase) : Fs.Base;
        set => Set(Amd64Register.FsBase, value);
    }

    /// <summary>The base of GS: the one carried by itself if there is one, else that of <see cref="Gs"/>.</summary>
    public ulong GsBase
    {
        get => Has(Amd64RegisterGroups.SegmentBases) ? Get(Amd64Register.GsBase) : Gs.Base;
        set => Set(Amd64Register.GsBase, value);
    }

    /// <summary>SYSENTER_CS (MSR 0x174): the segments of SYSENTER.</summary>
    public ulong SysenterCs
    {
        get => Get(Amd64Register.SysenterCs);
        set => Set(Amd64Register.SysenterCs, value);
    }

    /// <summary>SYSENTER_ESP (MSR 0x175): the stack of SYSENTER.</summary>
    public ulong SysenterEsp
    {
        get => Get(Amd64Register.SysenterEsp);
        set => Set(Amd64Register.SysenterEsp, value);
    }

    /// <summary>SYSENTER_EIP (MSR 0x176): the target of SYSENTER.</summary>
    public ulong SysenterEip
    {
        get => Get(Amd64Register.SysenterEip);
        set => Set(Amd64Register.SysenterEip, value);
    }

    /// <summary>TSC_AUX (MSR 0xc0000103): what RDTSCP and RDPID return.</summary>
    public ulong TscAux
    {
        get => Get(Amd64Register.TscAux);
        set => Set(Amd64Register.TscAux, value);
    }

    /// <summary>MXCSR: how SSE rounds, which of its exceptions are masked, and which it saw.</summary>
    public ulong Mxcsr
    {
        get => Get(Amd64Register.Mxcsr);
        set => Set(Amd64Register.Mxcsr, value);
    }
}
