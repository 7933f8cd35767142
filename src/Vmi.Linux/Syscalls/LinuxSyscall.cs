namespace Vmi.Linux;

/// <summary>A system call of the running kernel.</summary>
public sealed class LinuxSyscall
{
    /// <summary>How programs enter it.</summary>
    public required SyscallAbi Abi { get; init; }

    /// <summary>The number that programs use; null where the kernel keeps no table of them (32-bit calls since 6.9).</summary>
    public required int? Number { get; init; }

    /// <summary>The name that programs use (syscalls(2)): `openat`, `fstat`.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the kernel's function: `__x64_sys_newfstat`.</summary>
    public required string Symbol { get; init; }

    /// <summary>The address of that function. Its only argument, in RDI, is the address of the caller's `struct pt_regs`.</summary>
    public required Va Handler { get; init; }

    /// <summary>
    /// The parameters from `struct syscall_metadata`, else from the function's prototype in BTF; six plain numbers where neither is
    /// there.
    /// </summary>
    public required IReadOnlyList<LinuxSyscallParameter> Parameters { get; init; }

    /// <summary>Whether <see cref="Parameters"/> come from the kernel: else they are the six that any call may have.</summary>
    public required bool HasPrototype { get; init; }

    internal ValueDecoder ResultDecoder { get; init; } = IntegerDecoder.Long;

    /// <summary>As C declares it: `openat(int dfd, const char *filename, int flags, umode_t mode)`.</summary>
    public override string ToString() => $"{Name}({string.Join(", ", Parameters)})";
}
