namespace Vmi.Linux;

/// <content>System calls.</content>
public sealed partial class LinuxOs
{
    /// <summary>
    /// The kernel's system calls, read anew: a few thousand small reads. They hold until the guest reboots, so that one list serves for
    /// as long as the session.
    /// </summary>
    /// <exception cref="Symbols.ProfileException">The kernel has no `struct pt_regs`.</exception>
    public LinuxSyscalls Syscalls() => SyscallTableReader.Read(_reader);
}
