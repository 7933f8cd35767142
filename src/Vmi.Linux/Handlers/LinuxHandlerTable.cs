namespace Vmi.Linux;

/// <summary>A table by whose entries the kernel is entered.</summary>
public enum LinuxHandlerTable
{
    /// <summary>`sys_call_table`: the system calls of 64-bit programs.</summary>
    Syscalls,

    /// <summary>`ia32_sys_call_table`: those of 32-bit programs. Kernels since 6.9 have none.</summary>
    Ia32Syscalls,

    /// <summary>`idt_table`: exceptions and interrupts.</summary>
    Interrupts,
}
