namespace Vmi.Linux;

/// <summary>
/// What lies at the place that an ORC entry leads to. Corresponds to `ORC_TYPE_…`, whose numbers differ between kernels.
/// </summary>
internal enum OrcType
{
    /// <summary>Code that can't be unwound.</summary>
    Undefined,

    /// <summary>The first code on a stack: nothing called it.</summary>
    EndOfStack,

    /// <summary>A return address.</summary>
    Call,

    /// <summary>A whole `pt_regs`.</summary>
    Registers,

    /// <summary>The end of a `pt_regs`, as the CPU itself pushed it: from `ip` on.</summary>
    PartialRegisters,
}
