namespace Vmi.Linux;

/// <summary>How the frame of the code at one address is left: `struct orc_entry`.</summary>
/// <param name="Type">What is found there.</param>
/// <param name="SpRegister">What the caller's stack pointer counts from.</param>
/// <param name="SpOffset">Bytes added to it.</param>
/// <param name="BpRegister">What the place of the caller's RBP counts from.</param>
/// <param name="BpOffset">Bytes added to it.</param>
/// <param name="IsSignal">Whether the address found is that of an interrupted instruction, not one behind a call.</param>
internal readonly record struct OrcEntry(
    OrcType Type, OrcRegister SpRegister, long SpOffset, OrcRegister BpRegister, long BpOffset, bool IsSignal)
{
    /// <summary>Code that keeps a frame pointer: `push %rbp; mov %rsp,%rbp`.</summary>
    public static OrcEntry FramePointer { get; } = new(OrcType.Call, OrcRegister.Bp, 16, OrcRegister.PreviousSp, -16, false);

    /// <summary>The first instruction of a function, or a call of a null pointer: nothing was pushed but the return address.</summary>
    public static OrcEntry JustCalled { get; } = new(OrcType.Call, OrcRegister.Sp, 8, OrcRegister.Undefined, 0, false);

    /// <summary>Entry code, when all registers lie on top of the stack.</summary>
    public static OrcEntry SavedRegisters { get; } = new(OrcType.Registers, OrcRegister.Sp, 0, OrcRegister.Undefined, 0, true);
}
