namespace Vmi.Linux;

/// <summary>How a program enters the kernel, and so what its numbers and registers mean.</summary>
public enum SyscallAbi
{
    /// <summary>`syscall` of 64-bit code: arguments in RDI, RSI, RDX, R10, R8 and R9.</summary>
    X64,

    /// <summary>`int 0x80`, `sysenter` and `syscall` of 32-bit code: arguments in EBX, ECX, EDX, ESI, EDI and EBP.</summary>
    Ia32,
}
