namespace Vmi.Amd64;

/// <summary>
/// The number of an interrupt or exception, 0 to 255; the exceptions are named (Intel SDM volume 3, table 6-1; AMD APM volume 2,
/// table 8-1).
/// </summary>
public enum ExceptionVector : byte
{
    /// <summary>#DE.</summary>
    DivideError = 0,

    /// <summary>#DB.</summary>
    Debug = 1,

    /// <summary>NMI.</summary>
    Nmi = 2,

    /// <summary>#BP: INT3.</summary>
    Breakpoint = 3,

    /// <summary>#OF: INTO.</summary>
    Overflow = 4,

    /// <summary>#BR.</summary>
    BoundRangeExceeded = 5,

    /// <summary>#UD.</summary>
    InvalidOpcode = 6,

    /// <summary>#NM.</summary>
    DeviceNotAvailable = 7,

    /// <summary>#DF.</summary>
    DoubleFault = 8,

    /// <summary>Of the 80387 only.</summary>
    CoprocessorSegmentOverrun = 9,

    /// <summary>#TS.</summary>
    InvalidTss = 10,

    /// <summary>#NP.</summary>
    SegmentNotPresent = 11,

    /// <summary>#SS.</summary>
    StackSegmentFault = 12,

    /// <summary>#GP.</summary>
    GeneralProtection = 13,

    /// <summary>#PF.</summary>
    PageFault = 14,

    /// <summary>#MF: the x87 unit.</summary>
    FloatingPointError = 16,

    /// <summary>#AC.</summary>
    AlignmentCheck = 17,

    /// <summary>#MC.</summary>
    MachineCheck = 18,

    /// <summary>#XM: SSE and AVX.</summary>
    SimdFloatingPoint = 19,

    /// <summary>#VE (Intel).</summary>
    Virtualization = 20,

    /// <summary>#CP: CET.</summary>
    ControlProtection = 21,

    /// <summary>#HV (AMD).</summary>
    HypervisorInjection = 28,

    /// <summary>#VC (AMD).</summary>
    VmmCommunication = 29,

    /// <summary>#SX (AMD).</summary>
    Security = 30,
}
