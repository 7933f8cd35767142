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

    /// <summary>
    /// Whether the other vCPUs stand still while one executes the single instruction that an event's answer asked for. If not, they run
    /// meanwhile. Under KVM they always stand still.
    /// </summary>
    public bool HoldOthersWhileStepping { get; init; } = true;

    /// <summary>
    /// The program, and its first arguments, that undoes what this process has set up in a VM when it dies without doing it itself
    /// (SIGKILL, a crash): `vmi watchdog`. It is started when the first breakpoint, watchpoint or monitor is asked for, with the target as
    /// its last argument and a pipe as its input. Null for none: then the next that attaches undoes it.
    /// </summary>
    public IReadOnlyList<string>? WatchdogCommand { get; init; }

    /// <summary>The ways to the memory that may be used; tests narrow them.</summary>
    internal QemuMemoryPaths MemoryPaths { get; init; } = QemuMemoryPaths.All;
}
