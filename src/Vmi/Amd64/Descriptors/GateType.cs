namespace Vmi.Amd64;

/// <summary>The type of a gate in the interrupt descriptor table (Intel SDM volume 3, table 3-2).</summary>
public enum GateType : byte
{
    /// <summary>A task gate; in protected mode only.</summary>
    Task = 5,

    /// <summary>A 16-bit interrupt gate; in protected mode only.</summary>
    Interrupt16 = 6,

    /// <summary>A 16-bit trap gate; in protected mode only.</summary>
    Trap16 = 7,

    /// <summary>An interrupt gate of 32 bits, in long mode of 64: interrupts are off in the handler.</summary>
    Interrupt = 14,

    /// <summary>A trap gate of 32 bits, in long mode of 64: interrupts stay as they are.</summary>
    Trap = 15,
}
