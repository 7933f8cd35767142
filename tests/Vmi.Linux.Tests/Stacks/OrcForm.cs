namespace Vmi.Linux.Tests.Stacks;

/// <summary>How a kernel writes its unwind tables; the first kernels with it.</summary>
public enum OrcForm
{
    /// <summary>4.14: `end`, no `signal`.</summary>
    End,

    /// <summary>6.3: both.</summary>
    EndAndSignal,

    /// <summary>6.4: `signal` only; the types have other numbers.</summary>
    Signal,

    /// <summary>7.2: as before, with other numbers of the registers.</summary>
    Renumbered,

    /// <summary>No tables: a kernel with frame pointers.</summary>
    None,
}
