namespace Vmi.Amd64;

/// <summary>An interrupt or exception of an AMD64 vCPU: one that was intercepted, or one to inject.</summary>
/// <param name="Vector">Its number.</param>
/// <param name="Type">Its kind.</param>
/// <param name="ErrorCode">The error code that goes with it; null for none.</param>
/// <param name="InstructionLength">The bytes of the instruction that raised it; 0 if none did.</param>
/// <param name="Cr2">The address that goes into CR2; for page faults only.</param>
public sealed record Amd64Interrupt(
    ExceptionVector Vector, InterruptType Type, uint? ErrorCode = null, int InstructionLength = 0, Va? Cr2 = null) : VmiInterrupt
{
    /// <summary>A non-maskable interrupt.</summary>
    public static Amd64Interrupt Nmi { get; } = new(ExceptionVector.Nmi, InterruptType.Nmi);

    /// <summary>#BP of an INT3 instruction.</summary>
    /// <param name="instructionLength">Its bytes: 1, more with prefixes.</param>
    public static Amd64Interrupt Breakpoint(int instructionLength = 1) =>
        new(ExceptionVector.Breakpoint, InterruptType.SoftwareException, InstructionLength: instructionLength);

    /// <summary>#PF.</summary>
    /// <param name="address">The address whose access faults.</param>
    /// <param name="errorCode">Why, and how it was accessed.</param>
    public static Amd64Interrupt PageFault(Va address, PageFaultErrorCode errorCode) =>
        new(ExceptionVector.PageFault, InterruptType.HardwareException, (uint)errorCode, Cr2: address);

    /// <summary>An exception that the CPU raises. Page faults have <see cref="PageFault"/>.</summary>
    /// <param name="vector">Which.</param>
    /// <param name="errorCode">Its error code, exactly if it has one.</param>
    /// <exception cref="ArgumentException">The exception has an error code and none is given, or the reverse.</exception>
    public static Amd64Interrupt Exception(ExceptionVector vector, uint? errorCode = null) =>
        errorCode.HasValue == vector.HasErrorCode
            ? new Amd64Interrupt(vector, InterruptType.HardwareException, errorCode)
            : throw new ArgumentException($"{vector} {(vector.HasErrorCode ? "needs an" : "has no")} error code.", nameof(errorCode));
}
