namespace Vmi.Qemu;

/// <summary>A way to the memory of another process, by its own addresses.</summary>
internal abstract class HostAccess : IDisposable
{
    /// <summary>The system call or file used, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>Reads and returns how many bytes there were before the first that is not mapped.</summary>
    /// <exception cref="VmiDriverException">The process is gone or closed to us.</exception>
    public abstract int Read(ulong address, Span<byte> destination);

    /// <summary>Writes and returns how many bytes were written before the first that can't be.</summary>
    /// <exception cref="VmiDriverException">The process is gone or closed to us.</exception>
    public abstract int Write(ulong address, ReadOnlySpan<byte> source);

    /// <summary>Reads a batch; each part gets its own result.</summary>
    /// <exception cref="VmiDriverException">The process is gone or closed to us.</exception>
    public abstract void ReadMany(Span<HostRead> reads);

    public virtual void Dispose()
    {
    }

    /// <summary>The error where the kernel refuses, with the cure.</summary>
    public static VmiDriverException NoRight(int pid) =>
        new($"No right to the memory of QEMU (pid {pid}): run as root or with CAP_SYS_PTRACE, or as QEMU's user with kernel.yama.ptrace_scope=0.");

    public static VmiDriverException Gone(int pid) => new($"QEMU (pid {pid}) has exited: the VM is gone.");
}
