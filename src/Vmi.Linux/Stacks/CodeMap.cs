using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>What is known of the kernel's code at an address: how its frame is left, and what function it is.</summary>
internal sealed class CodeMap
{
    // At the first instruction of any C function the return address is on top of the stack: what its entry must say is known.
    private const string AnyFunction = "schedule";

    // Jumps to what a register holds, patched in at the boot. Until a call of its own, the stack is as the caller left it; the tables,
    // which leave patched code alone, say that nothing is known.
    private const string Thunk = "__x86_indirect_";
    private const ulong ThunkCall = 5;

    // Where a CPU or a thread begins, besides the entry code, in kernels whose tables don't tell beginnings from code of no known frame.
    private static readonly string[] s_beginnings =
    [
        "ret_from_fork", "ret_from_fork_asm", "startup_64", "secondary_startup_64", "secondary_startup_64_no_verify", "common_startup_64",
        "start_cpu0",
    ];

    private readonly KernelReader _kernel;
    private readonly OrcTable? _table;

    public CodeMap(KernelReader kernel)
    {
        _kernel = kernel;
        UsesFramePointers = !kernel.Kernel.Profile.TryGetSymbol("__start_orc_unwind_ip", out _);
        // The numbers of the registers are in no table of the kernel's: where they are others, its entries mean nothing.
        if (OrcTable.OfKernel(kernel) is { } table && kernel.Kernel.Profile.TryGetSymbol(AnyFunction, out var function)
            && table.TryFind(function.Value, out var first) && first == OrcEntry.JustCalled)
            _table = table;
    }

    /// <summary>Whether all of the kernel's code keeps frame pointers, and there are no tables.</summary>
    public bool UsesFramePointers { get; }

    private List<ModuleCode> Modules => field ??= ModuleCode.ReadAll(_kernel);

    private FtraceTrampolines Trampolines => field ??= new FtraceTrampolines(_kernel);

    /// <summary>How the frame of the code at an address is left.</summary>
    public bool TryFind(ulong address, out OrcEntry entry)
    {
        entry = OrcEntry.JustCalled;
        if (address == 0)
            return true;
        if (IsKernelText(address))
            return FindInKernel(address, out entry);
        if (Modules.Find(module => module.Contains(new Va(address))) is { } found)
            return Find(found.Table, address, out entry);
        return Trampolines.TryFindOriginal(address, out var original) && IsKernelText(original) && FindInKernel(original, out entry);
    }

    /// <summary>The function at an address, and the module that it belongs to; null where there is none.</summary>
    public (SymbolLocation? Symbol, ModuleCode? Module) Resolve(Va address)
    {
        if (IsKernelText(address.Value))
            return (_kernel.Kernel.Profile.Resolve(address), null);
        return Modules.Find(module => module.Contains(address)) is { } found ? (found.Resolve(address), found) : (null, null);
    }

    private static bool Find(OrcTable? table, ulong address, out OrcEntry entry)
    {
        entry = default;
        return table is not null && table.TryFind(address, out entry);
    }

    private bool FindInKernel(ulong address, out OrcEntry entry)
    {
        if (!Find(_table, address, out entry))
            return false;
        if (entry.Type is not (OrcType.Undefined or OrcType.EndOfStack) || _kernel.Kernel.Profile.Resolve(new Va(address)) is not { } at)
            return true;
        if (at.Offset < ThunkCall && at.Name.StartsWith(Thunk, StringComparison.Ordinal))
            entry = OrcEntry.JustCalled;
        else if (_kernel.Layouts.Orc.IsEndVague && !IsBetween("__entry_text_start", "__entry_text_end", address)
            && !s_beginnings.Contains(at.Name))
            entry = entry with { Type = OrcType.Undefined };
        return true;
    }

    private bool IsKernelText(ulong address) => IsBetween("_stext", "_etext", address) || IsBetween("_sinittext", "_einittext", address);

    private bool IsBetween(string first, string last, ulong address) =>
        _kernel.Kernel.Profile.TryGetSymbol(first, out var begin) && _kernel.Kernel.Profile.TryGetSymbol(last, out var end)
        && address >= begin.Value && address < end.Value;
}
