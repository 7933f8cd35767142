namespace Vmi.Linux;

/// <summary>What an ORC entry counts from. Corresponds to `ORC_REG_…` (arch/x86/include/asm/orc_types.h).</summary>
internal enum OrcRegister
{
    /// <summary>None: the register still has the caller's value.</summary>
    Undefined,

    /// <summary>The caller's stack pointer.</summary>
    PreviousSp,

    /// <summary>RDX.</summary>
    Dx,

    /// <summary>RDI.</summary>
    Di,

    /// <summary>RBP.</summary>
    Bp,

    /// <summary>RSP.</summary>
    Sp,

    /// <summary>R10.</summary>
    R10,

    /// <summary>R13.</summary>
    R13,

    /// <summary>The word that RBP and the offset point to.</summary>
    BpIndirect,

    /// <summary>The word that RSP points to; the offset is added to it.</summary>
    SpIndirect,
}
