namespace Vmi.Linux;

/// <summary>Code that the kernel itself lets the starts of functions call: that of its function tracer, and of eBPF programs.</summary>
internal sealed class TracerCode
{
    private readonly FtraceTrampolines _trampolines;
    private readonly HashSet<Va> _callers = [];
    private readonly List<(Va Start, Va End)> _programs = [];

    public TracerCode(KernelReader kernel)
    {
        var profile = kernel.Kernel.Profile;
        _trampolines = new FtraceTrampolines(kernel);
        foreach (var name in new[] { "ftrace_caller", "ftrace_regs_caller", "__fentry__" })
            if (profile.TryGetSymbol(name, out var address))
                _callers.Add(address);
        if (!profile.TryGetSymbol("bpf_kallsyms", out var list) || !profile.TryGetField("bpf_ksym", "lnode", out var link)
            || !profile.TryGetField("bpf_ksym", "start", out var start) || !profile.TryGetField("bpf_ksym", "end", out var end))
            return;
        foreach (var program in KernelList.Walk(kernel, list, link.Offset, "eBPF programs"))
            if (kernel.TryReadVa(program + start.Offset, out var first) && kernel.TryReadVa(program + end.Offset, out var past))
                _programs.Add((first, past));
    }

    public bool Contains(Va address) => _callers.Contains(address) || _trampolines.Resolve(address) is not null
        || _programs.Exists(program => program.Start <= address && address < program.End);
}
