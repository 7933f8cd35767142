namespace Vmi;

/// <summary>
/// Where a virtual machine is: a file, a hypervisor. A driver implements, beside this, one interface for each ability it has
/// (<see cref="IVmiRead"/>, <see cref="IVmiWrite"/>, …). Disposing of it closes it: later calls throw
/// <see cref="ObjectDisposedException"/>, and memory that a reader may still hold stays mapped until nothing refers to it.
/// </summary>
public interface IVmiDriver : IDisposable
{
    /// <summary>A short name for messages: "ELF vmcore memory.elf", "QEMU debian (pid 4711)".</summary>
    string Name { get; }

    /// <summary>The kind of CPU the guest has.</summary>
    Architecture Architecture { get; }

    /// <summary>Whether memory can change under the reader: true for a running VM, false for a file.</summary>
    bool IsLive { get; }

    /// <summary>The size of the machine, as it is now.</summary>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    VmiInfo Info { get; }
}
