namespace Vmi.Amd64;

/// <summary>What a breakpoint of the debug registers waits for: the R/W field of <see cref="Dr7"/>.</summary>
public enum BreakpointCondition : byte
{
    /// <summary>The execution of an instruction.</summary>
    Execute = 0,

    /// <summary>A write of data.</summary>
    Write = 1,

    /// <summary>An I/O instruction (CR4.DE).</summary>
    Io = 2,

    /// <summary>A read or write of data.</summary>
    ReadWrite = 3,
}
