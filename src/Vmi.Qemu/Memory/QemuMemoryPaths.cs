namespace Vmi.Qemu;

/// <summary>The ways to the memory of a QEMU process, the best one first.</summary>
[Flags]
internal enum QemuMemoryPaths
{
    /// <summary>`/proc/PID/mem`, the last resort, which is always allowed.</summary>
    ProcMem = 0,

    /// <summary>Mapping the same file, where QEMU shares guest memory through one.</summary>
    Mapping = 1,

    /// <summary>`process_vm_readv`.</summary>
    ProcessVm = 2,

    /// <summary>All of them.</summary>
    All = Mapping | ProcessVm,
}
