namespace Vmi.Linux;

/// <summary>What is checked of a kernel.</summary>
public enum LinuxCheckKind
{
    /// <summary>The list of tasks against the table of pids and the run queues.</summary>
    Processes,

    /// <summary>The list of modules against the tree of module addresses and /sys/module.</summary>
    Modules,

    /// <summary>The tables of system calls, and where SYSCALL leads.</summary>
    Syscalls,

    /// <summary>The table of exceptions and interrupts, and whether the vCPUs use it.</summary>
    Interrupts,

    /// <summary>Where the kernel's code is mapped to, and that it is not writable.</summary>
    TextMapping,

    /// <summary>The kernel's code against its file.</summary>
    TextContent,
}
