using Vmi.Amd64;

namespace Vmi.Linux;

/// <summary>
/// Tells at an event which thread a vCPU runs, with four small reads and, but for a name that it has not met, without allocating. It
/// keeps names, each of which counts only as long as the guest has the same bytes there; so one reader serves one thread.
/// </summary>
public sealed class LinuxTaskReader
{
    private const int MostNames = 4096;

    private readonly KernelReader _kernel;
    private readonly CpuFinder _cpus;
    private readonly Dictionary<Va, (byte[] Bytes, string Text)> _names = [];

    internal LinuxTaskReader(KernelReader kernel)
    {
        _kernel = kernel;
        _cpus = new CpuFinder(kernel);
    }

    /// <summary>The thread that runs on a vCPU; its process is 0 if the vCPU idles.</summary>
    /// <param name="registers">The vCPU's.</param>
    /// <param name="task">The thread.</param>
    /// <returns>False if the registers do not tell which CPU this is, or its memory is not there.</returns>
    public bool TryRead(Registers registers, out LinuxTask task)
    {
        task = default;
        var layout = _kernel.Layouts.Task;
        if (_cpus.CurrentTask((Amd64Registers)registers) is not { } address
            || !_kernel.TryReadUInt32(address + layout.Tgid.Offset, out var process)
            || !_kernel.TryReadUInt32(address + layout.Pid.Offset, out var thread)
            || Name(address, layout) is not { } name)
            return false;
        task = new LinuxTask(new ProcessId(process), new ThreadId(thread), new ThreadObject(address), name);
        return true;
    }

    private string? Name(Va task, TaskLayout layout)
    {
        Span<byte> field = stackalloc byte[(int)layout.Comm.Size];
        if (!_kernel.TryRead(task + layout.Comm.Offset, field))
            return null;
        var bytes = GuestText.Terminated(field);
        if (_names.TryGetValue(task, out var known) && bytes.SequenceEqual(known.Bytes))
            return known.Text;
        if (_names.Count >= MostNames)
            _names.Clear();
        var text = GuestText.Decode(bytes);
        _names[task] = (bytes.ToArray(), text);
        return text;
    }
}
