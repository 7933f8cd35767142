namespace Vmi.Amd64;

/// <summary>
/// The kind of an interrupt or exception, numbered as in the VM-entry interruption-information field (Intel SDM volume 3, 25.8.3).
/// </summary>
public enum InterruptType : byte
{
    /// <summary>An interrupt of a device.</summary>
    ExternalInterrupt = 0,

    /// <summary>A non-maskable interrupt.</summary>
    Nmi = 2,

    /// <summary>A fault, trap or abort that the CPU raised: #PF, #GP, #DB.</summary>
    HardwareException = 3,

    /// <summary>INT n.</summary>
    SoftwareInterrupt = 4,

    /// <summary>INT1 (0xF1).</summary>
    PrivilegedSoftwareException = 5,

    /// <summary>INT3 (0xCC) and INTO.</summary>
    SoftwareException = 6,
}
