using Vmi.Amd64;
using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct pt_regs` whole: the registers that an interrupt, an exception or a system call saved on a kernel stack.</summary>
internal sealed class TrapFrameLayout : StructLayout
{
    public TrapFrameLayout(Profile profile)
        : base(profile, "pt_regs")
    {
        General =
        [
            (Amd64Register.R15, Number("r15")), (Amd64Register.R14, Number("r14")), (Amd64Register.R13, Number("r13")),
            (Amd64Register.R12, Number("r12")), (Amd64Register.Rbp, Number("bp")), (Amd64Register.Rbx, Number("bx")),
            (Amd64Register.R11, Number("r11")), (Amd64Register.R10, Number("r10")), (Amd64Register.R9, Number("r9")),
            (Amd64Register.R8, Number("r8")), (Amd64Register.Rax, Number("ax")), (Amd64Register.Rcx, Number("cx")),
            (Amd64Register.Rdx, Number("dx")), (Amd64Register.Rsi, Number("si")), (Amd64Register.Rdi, Number("di")),
        ];
        OriginalAx = Number("orig_ax");
        Ip = Number("ip");
        Cs = Number("cs");
        Flags = Number("flags");
        Sp = Number("sp");
        Ss = Number("ss");
    }

    /// <summary>The general registers but RIP, RSP and RFLAGS.</summary>
    public IReadOnlyList<(Amd64Register Register, Field Field)> General { get; }

    public Field OriginalAx { get; }

    /// <summary>The first of what the CPU itself pushes.</summary>
    public Field Ip { get; }

    public Field Cs { get; }

    public Field Flags { get; }

    public Field Sp { get; }

    public Field Ss { get; }
}
