namespace Vmi.Qemu;

/// <summary>How a running QEMU is attached to.</summary>
public sealed record QemuOptions
{
    /// <summary>What is used where none are given.</summary>
    public static QemuOptions Default { get; } = new();

    /// <summary>How long QEMU may take to greet. It greets one client at a time, so silence means that another one is connected.</summary>
    public TimeSpan GreetingTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long QEMU may take to answer a command.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether a running VM is stopped for the moment in which its registers are read, so that they fit together; true by default.
    /// Without it the VM runs on throughout, and the registers may be of slightly different moments.
    /// </summary>
    public bool StopsForRegisters { get; init; } = true;

    /// <summary>The program that talks to libvirt: a name looked up in PATH, or a path.</summary>
    public string VirshPath { get; init; } = "virsh";

    /// <summary>The ways to the memory that may be used; tests narrow them.</summary>
    internal QemuMemoryPaths MemoryPaths { get; init; } = QemuMemoryPaths.All;
}
