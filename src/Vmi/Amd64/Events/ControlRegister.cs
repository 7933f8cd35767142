namespace Vmi.Amd64;

/// <summary>A control register whose writes can be watched.</summary>
public enum ControlRegister : byte
{
    /// <summary>CR0.</summary>
    Cr0,

    /// <summary>CR3.</summary>
    Cr3,

    /// <summary>CR4.</summary>
    Cr4,

    /// <summary>XCR0.</summary>
    Xcr0,
}
