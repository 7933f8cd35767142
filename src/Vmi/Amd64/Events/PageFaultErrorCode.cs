namespace Vmi.Amd64;

/// <summary>The error code of a page fault (Intel SDM volume 3, 4.7).</summary>
[Flags]
public enum PageFaultErrorCode : uint
{
    /// <summary>A supervisor's read of a page that is not present.</summary>
    None = 0,

    /// <summary>P: the page is present; its rights, or reserved bits, forbade the access.</summary>
    Present = 1 << 0,

    /// <summary>W/R: the access was a write.</summary>
    Write = 1 << 1,

    /// <summary>U/S: the access came from user mode.</summary>
    User = 1 << 2,

    /// <summary>RSVD: a reserved bit is set in an entry.</summary>
    ReservedBit = 1 << 3,

    /// <summary>I/D: the access was the fetch of an instruction.</summary>
    InstructionFetch = 1 << 4,

    /// <summary>PK: a protection key forbade it.</summary>
    ProtectionKey = 1 << 5,

    /// <summary>SS: it was an access of the shadow stack.</summary>
    ShadowStack = 1 << 6,

    /// <summary>HLAT: the fault arose in hypervisor-managed translation (Intel).</summary>
    HypervisorManaged = 1 << 7,

    /// <summary>SGX: the rules of enclaves forbade it (Intel).</summary>
    Enclave = 1 << 15,

    /// <summary>RMP: the reverse map table forbade it (AMD SEV-SNP).</summary>
    ReverseMap = 1u << 31,
}
