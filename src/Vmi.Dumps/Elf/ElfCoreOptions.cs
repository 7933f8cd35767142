namespace Vmi.Dumps;

/// <summary>What goes into an ELF vmcore beside memory and registers.</summary>
public sealed record ElfCoreOptions
{
    /// <summary>The kernel's VMCOREINFO, if it is known and the source does not carry it by itself (<see cref="IVmCoreInfo"/>).</summary>
    public string? VmCoreInfo { get; init; }

    /// <summary>Is told how far the writing has come, on the thread that writes, after each piece of at most 1 MiB.</summary>
    public Action<MemoryProgress>? Progress { get; init; }
}
