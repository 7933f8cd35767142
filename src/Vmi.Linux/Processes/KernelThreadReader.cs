namespace Vmi.Linux;

/// <summary>Tells what the kernel's own threads run.</summary>
internal sealed class KernelThreadReader(KernelReader kernel)
{
    private const uint Worker = 0x20; // PF_WQ_WORKER

    private readonly CodeMap _code = new(kernel);
    private readonly Shortfall _missing = new();

    public VmiList<LinuxKernelThread> Read()
    {
        var found = new List<LinuxKernelThread>();
        var processes = ProcessList.Read(kernel);
        _missing.Add(processes.Incomplete);
        foreach (var process in processes.Where(each => each.IsKernelThread))
        {
            var threads = process.Threads();
            _missing.Add(threads.Incomplete);
            foreach (var thread in threads)
                found.Add(Describe(thread));
        }

        return new VmiList<LinuxKernelThread>(found, _missing.ToString());
    }

    private LinuxKernelThread Describe(LinuxThread thread)
    {
        var layout = kernel.Layouts.KernelThread;
        var task = thread.Object.Va;
        // One that ended has none.
        if (Pointer(task + layout.Details) is not { IsNull: false } details)
            return new LinuxKernelThread(thread, null, null);
        var function = layout.Function is { } offset ? Function(Pointer(details + offset)) : null;
        var work = layout is { Data: { } data, Work: { } current } && kernel.TryReadUInt32(task + layout.Flags, out var flags)
            && (flags & Worker) != 0 && Pointer(details + data) is { IsNull: false } worker ? Function(Pointer(worker + current)) : null;
        return new LinuxKernelThread(thread, function, work);
    }

    private Va? Pointer(Va address)
    {
        if (kernel.TryReadVa(address, out var pointer))
            return pointer;
        _missing.Add($"what a thread of the kernel has at {address} is not there");
        return null;
    }

    private LinuxKernelFunction? Function(Va? address)
    {
        if (address is not { IsNull: false } at)
            return null;
        var (symbol, module) = _code.Resolve(at);
        var profile = kernel.Kernel.Profile;
        var isInText = profile.TryGetSymbol("_stext", out var start) && profile.TryGetSymbol("_etext", out var end)
            && start <= at && at < end;
        return new LinuxKernelFunction(at, symbol?.ToString(), module?.Name, isInText);
    }
}
