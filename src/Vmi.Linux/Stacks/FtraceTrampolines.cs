using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>
/// The trampolines that ftrace makes when it is used: copies of `ftrace_caller` or `ftrace_regs_caller`, without ORC entries of their own.
/// </summary>
internal sealed class FtraceTrampolines
{
    private const int Most = 4096;
    private const string Name = "ftrace_trampoline"; // As /proc/kallsyms calls each of them.

    private readonly List<(Va Start, ulong Size, Va Original)> _trampolines = [];

    public FtraceTrampolines(KernelReader kernel)
    {
        var profile = kernel.Kernel.Profile;
        if (!profile.HasField("ftrace_ops", "trampoline_size") || !profile.TryGetSymbol("ftrace_ops_list", out var head)
            || !profile.TryGetSymbol("ftrace_caller", out var plain) || !profile.TryGetSymbol("ftrace_regs_caller", out var withRegisters)
            || !profile.TryGetEnumValue("FTRACE_OPS_FL_SAVE_REGS", out var saveRegisters) || !kernel.TryReadVa(head, out var next))
            return;
        var layout = kernel.Layouts.FtraceOps;
        var seen = new HashSet<Va>();
        while (seen.Count < Most && seen.Add(next) && kernel.TryReadStruct(next, layout, out var ops))
        {
            var original = (ops.Read(layout.Flags) & (ulong)saveRegisters) != 0 ? withRegisters : plain;
            if (ops.Read(layout.TrampolineSize) is > 0 and <= Frame.Size and var size)
                _trampolines.Add((ops.ReadVa(layout.Trampoline), size, original));
            next = ops.ReadVa(layout.Next);
        }
    }

    /// <summary>The trampoline at an address; null where there is none.</summary>
    public SymbolLocation? Resolve(Va address)
    {
        foreach (var (start, size, _) in _trampolines)
        {
            if (address - start < size)
                return new SymbolLocation(Name, address - start);
        }

        return null;
    }

    /// <summary>The address in the original that an address in a trampoline was copied from.</summary>
    public bool TryFindOriginal(ulong address, out ulong original)
    {
        foreach (var (start, size, from) in _trampolines)
        {
            if (address - start.Value >= size)
                continue;
            original = from.Value + (address - start.Value);
            return true;
        }

        original = 0;
        return false;
    }
}
