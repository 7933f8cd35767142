using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct pt_regs`: the registers of a program that called the kernel, in the order of the arguments.</summary>
internal sealed class PtRegsLayout : StructLayout
{
    public PtRegsLayout(Profile profile)
        : base(profile, "pt_regs")
    {
        Arguments = [Number("di"), Number("si"), Number("dx"), Number("r10"), Number("r8"), Number("r9")];
        Arguments32 = [Number("bx"), Number("cx"), Number("dx"), Number("si"), Number("di"), Number("bp")];
    }

    /// <summary>Of a 64-bit system call.</summary>
    public IReadOnlyList<Field> Arguments { get; }

    /// <summary>Of a 32-bit system call.</summary>
    public IReadOnlyList<Field> Arguments32 { get; }
}
