using Vmi.Linux;

namespace Vmi.Hooks;

/// <summary>A system call that a thread of the guest has made.</summary>
public sealed class TracedSyscall
{
    internal TracedSyscall(VcpuId vcpu, LinuxTask task, SyscallCall call)
    {
        Time = DateTimeOffset.UtcNow;
        Vcpu = vcpu;
        Task = task;
        Call = call;
    }

    /// <summary>When it was made, by the host's clock.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The vCPU that it was made on.</summary>
    public VcpuId Vcpu { get; }

    /// <summary>Who made it. The name is that of the entry: a program that is executed changes it.</summary>
    public LinuxTask Task { get; }

    /// <summary>
    /// The call with its arguments, and its result if it returned: `exit` does not, nor does one whose thread is killed or that is still
    /// under way when the trace ends.
    /// </summary>
    public SyscallCall Call { get; }

    /// <summary>The module that it loaded or was to remove; null for other calls, and for one refused before its name was known.</summary>
    public string? Module { get; internal set; }

    /// <summary>As strace(1) shows it, with process and thread before it.</summary>
    public override string ToString() => $"{Task.Process}/{Task.Thread} {Task.Name}: {Call}{(Call.Result is null ? " = ?" : "")}";
}
