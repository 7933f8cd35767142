using System.Buffers.Binary;
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
    private const ulong ThunkCall = CallLength;
    private const int CallLength = 5;

    // Where a CPU or a thread begins, besides the entry code, in kernels whose tables don't tell beginnings from code of no known frame.
    private static readonly string[] s_beginnings =
    [
        "ret_from_fork", "ret_from_fork_asm", "startup_64", "secondary_startup_64", "secondary_startup_64_no_verify", "common_startup_64",
        "start_cpu0",
    ];

    // In 7.2 the registers' numbers are others. No name of the kernel's tells: what the first instruction of a function says does.
    private static readonly OrcRegister[] s_newerNumbers =
    [
        OrcRegister.Undefined, OrcRegister.Dx, OrcRegister.Di, OrcRegister.Sp, OrcRegister.Bp, OrcRegister.Undefined, OrcRegister.R10,
        OrcRegister.R13, OrcRegister.PreviousSp, OrcRegister.SpIndirect, OrcRegister.BpIndirect,
    ];

    private readonly KernelReader _kernel;
    private readonly OrcTable? _table;
    private readonly bool _hasNewerNumbers;

    public CodeMap(KernelReader kernel)
    {
        _kernel = kernel;
        UsesFramePointers = !kernel.Kernel.Profile.TryGetSymbol("__start_orc_unwind_ip", out _);
        // The numbers of the registers are in no table of the kernel's: where they are others, its entries mean nothing.
        if (OrcTable.OfKernel(kernel) is { } table && kernel.Kernel.Profile.TryGetSymbol(AnyFunction, out var function)
            && table.TryFind(function.Value, out var first)
            && (first == OrcEntry.JustCalled || (_hasNewerNumbers = Renumbered(first) == OrcEntry.JustCalled)))
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
        if (Modules.Find(module => module.Contains(address)) is { } found)
            return (found.Resolve(address), found);
        return (Trampolines.Resolve(address), null);
    }

    /// <summary>
    /// Whether an interrupt's or an exception's entry code is between `error_entry`, which has saved the registers and left them on top of
    /// the stack, and the move to the stack that it chose. The tables still have what was true before that call.
    /// </summary>
    public bool IsBehindErrorEntry(ulong address)
    {
        Span<byte> code = stackalloc byte[CallLength + 3];
        return IsBetween("__entry_text_start", "__entry_text_end", address)
            && _kernel.Kernel.Profile.TryGetSymbol("error_entry", out var entry)
            && _kernel.TryRead(new Va(address - CallLength), code)
            && code[0] == 0xe8 && code[CallLength..] is [0x48, 0x89, 0xc4] // CALL rel32; MOV RSP, RAX
            && unchecked(address + (ulong)BinaryPrimitives.ReadInt32LittleEndian(code[1..])) == entry.Value;
    }

    /// <summary>Whether a CPU or a thread begins there: nothing called it, though its address lies where a return address would.</summary>
    public bool IsBeginning(Va address) =>
        IsKernelText(address.Value) && _kernel.Kernel.Profile.Resolve(address) is { Offset: 0 } at && s_beginnings.Contains(at.Name);

    private bool Find(OrcTable? table, ulong address, out OrcEntry entry)
    {
        entry = default;
        if (table is null || !table.TryFind(address, out entry))
            return false;
        if (_hasNewerNumbers)
            entry = Renumbered(entry);
        return true;
    }

    private static OrcEntry Renumbered(OrcEntry entry)
    {
        return entry with { SpRegister = Known(entry.SpRegister), BpRegister = Known(entry.BpRegister) };

        static OrcRegister Known(OrcRegister number) =>
            (int)number < s_newerNumbers.Length ? s_newerNumbers[(int)number] : OrcRegister.Undefined;
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
