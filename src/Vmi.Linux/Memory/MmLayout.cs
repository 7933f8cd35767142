using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct mm_struct`.</summary>
internal sealed class MmLayout : StructLayout
{
    public MmLayout(Profile profile)
        : base(profile, "mm_struct")
    {
        Pgd = Number("pgd");
        StartCode = Number("start_code");
        StartBrk = Number("start_brk");
        Brk = Number("brk");
        StartStack = Number("start_stack");
        ArgStart = Number("arg_start");
        ArgEnd = Number("arg_end");
        EnvStart = Number("env_start");
        EnvEnd = Number("env_end");
        ExeFile = Number("exe_file");
        MapleRoot = OptionalNumber("mm_mt.ma_root");
        FirstArea = MapleRoot is null ? Number("mmap") : null;
        ContextFlags = OptionalNumber("context.flags");
        Ia32Compat = OptionalNumber("context.ia32_compat");
        Vdso = OptionalNumber("context.vdso");
    }

    public Field Pgd { get; }

    public Field StartCode { get; }

    public Field StartBrk { get; }

    public Field Brk { get; }

    public Field StartStack { get; }

    public Field ArgStart { get; }

    public Field ArgEnd { get; }

    public Field EnvStart { get; }

    public Field EnvEnd { get; }

    public Field ExeFile { get; }

    /// <summary>The root of the maple tree of areas; kernels before it have <see cref="FirstArea"/>.</summary>
    public Field? MapleRoot { get; }

    /// <summary>The first area of the list by address.</summary>
    public Field? FirstArea { get; }

    public Field? ContextFlags { get; }

    public Field? Ia32Compat { get; }

    public Field? Vdso { get; }
}
