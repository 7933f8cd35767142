using System.Buffers.Binary;

namespace Vmi.Linux;

/// <summary>Reads the tables by which the kernel is entered, and tells whose code their entries lead to.</summary>
internal sealed class HandlerReader(KernelReader kernel)
{
    private const ulong MostSyscalls = 1024;
    private const int Vectors = 256;
    private const string EarlyHandlers = "early_idt_handler_array";

    private readonly CodeMap _code = new(kernel);
    private readonly Shortfall _missing = new();
    private readonly List<LinuxHandler> _handlers = [];

    public VmiList<LinuxHandler> Read()
    {
        if (!ReadSyscalls(LinuxHandlerTable.Syscalls, "sys_call_table"))
            _missing.Add("the kernel's symbols have no sys_call_table");
        ReadSyscalls(LinuxHandlerTable.Ia32Syscalls, "ia32_sys_call_table");
        ReadInterrupts();
        return new VmiList<LinuxHandler>(_handlers, _missing.ToString());
    }

    /// <summary>Reads up to the next symbol; zeros at the end fill up to its alignment.</summary>
    private bool ReadSyscalls(LinuxHandlerTable table, string symbol)
    {
        if (!kernel.Kernel.Profile.TryGetSymbol(symbol, out var start))
            return false;
        var end = start + MostSyscalls * sizeof(ulong);
        foreach (var other in kernel.Kernel.Profile.Symbols.All())
        {
            if (other.Address > start && other.Address < end)
                end = other.Address;
        }

        var entries = new byte[(end - start) & ~7UL];
        if (!kernel.TryRead(start, entries))
        {
            _missing.Add($"{symbol} at {start} is not there");
            return true;
        }

        var count = entries.AsSpan().LastIndexOfAnyExcept((byte)0) / sizeof(ulong) + 1;
        for (var number = 0; number < count; number++)
            Add(table, number, BinaryPrimitives.ReadUInt64LittleEndian(entries.AsSpan(number * sizeof(ulong))));
        return true;
    }

    private void ReadInterrupts()
    {
        var layout = kernel.Layouts.Gate;
        if (!kernel.Kernel.Profile.TryGetSymbol("idt_table", out var start))
        {
            _missing.Add("the kernel's symbols have no idt_table");
            return;
        }

        for (var vector = 0; vector < Vectors; vector++)
        {
            var at = start + (ulong)vector * layout.Size;
            if (!kernel.TryReadStruct(at, layout, out var gate))
                _missing.Add($"the gate of vector {vector} at {at} is not there");
            else if (gate.Read(layout.Present) != 0)
                Add(
                    LinuxHandlerTable.Interrupts, vector,
                    gate.Read(layout.Low) | gate.Read(layout.Middle) << 16 | gate.Read(layout.High) << 32);
        }
    }

    private void Add(LinuxHandlerTable table, int number, ulong address)
    {
        var (symbol, module) = _code.Resolve(new Va(address));
        // What of the boot's table was never replaced (vectors without a use) leads to code that is gone since.
        var isInKernel = IsBetween("_stext", "_etext", address)
            || table == LinuxHandlerTable.Interrupts && symbol?.Name == EarlyHandlers && IsBetween("_sinittext", "_einittext", address);
        _handlers.Add(new LinuxHandler
        {
            Table = table,
            Number = number,
            Address = new Va(address),
            Symbol = symbol?.ToString(),
            Module = module?.Name,
            IsInKernelText = isInKernel,
        });
    }

    private bool IsBetween(string first, string last, ulong address) =>
        kernel.Kernel.Profile.TryGetSymbol(first, out var begin) && kernel.Kernel.Profile.TryGetSymbol(last, out var end)
        && address >= begin.Value && address < end.Value;
}
