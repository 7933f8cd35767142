namespace Vmi.Linux;

/// <summary>An argument of one call.</summary>
/// <param name="Parameter">What it is for.</param>
/// <param name="Value">The register's value; of a 32-bit program its lower half.</param>
/// <param name="Text">
/// The value as strace(1) shows it: `O_RDONLY|O_CLOEXEC`, `"/etc/passwd"` in quotes with C's escapes. What a pointer leads to is there if
/// it could be read; else the address, and that it is not in memory.
/// </param>
/// <param name="Content">Of a path or text the string itself, as <see cref="GuestText"/> has it; null if it is none or not there.</param>
/// <param name="IsMissing">Whether a part of what the pointer leads to is not in memory: paged out, or no address of the process.</param>
public readonly record struct SyscallArgument(
    LinuxSyscallParameter Parameter, ulong Value, string Text, string? Content, bool IsMissing)
{
    /// <summary>The parameter's name.</summary>
    public string Name => Parameter.Name;

    /// <summary>What the value is.</summary>
    public SyscallValueKind Kind => Parameter.Kind;
}
