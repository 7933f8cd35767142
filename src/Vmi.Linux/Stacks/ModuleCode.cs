using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>What a stack trace needs of a module: where its code is, how it is unwound, how it is called.</summary>
internal sealed class ModuleCode
{
    private readonly KernelReader _kernel;
    private readonly List<(Va Begin, ulong Size)> _parts = [];
    private readonly Va _base;
    private readonly Va _symbols;

    private ModuleCode(KernelReader kernel, StructReader module)
    {
        var layout = kernel.Layouts.Module;
        _kernel = kernel;
        Name = GuestText.Decode(GuestText.Terminated(module.ReadBytes(layout.NameText)));
        _base = module.ReadVa(layout.Base);
        for (var i = 0; i < layout.Bases.Count; i++)
            _parts.Add((module.ReadVa(layout.Bases[i]), module.Read(layout.Sizes[i])));
        if (layout.Symbols is { } symbols)
            _symbols = module.ReadVa(symbols);
        if (layout.OrcEntries is { } entries && layout.OrcAddresses is { } addresses && layout.OrcCount is { } count)
            Table = OrcTable.Create(kernel, module.ReadVa(addresses), module.ReadVa(entries), module.Read(count));
    }

    public string Name { get; }

    /// <summary>How it is unwound; null if the kernel does not know.</summary>
    public OrcTable? Table { get; }

    /// <summary>All modules that are there: what is missing costs the names of frames, and is said by them.</summary>
    public static List<ModuleCode> ReadAll(KernelReader kernel)
    {
        var modules = new List<ModuleCode>();
        if (!kernel.Kernel.Profile.TryGetSymbol("modules", out var head))
            return modules;
        foreach (var address in KernelList.Walk(kernel, head, kernel.Layouts.Module.List, "modules"))
        {
            if (kernel.TryReadStruct(address, kernel.Layouts.Module, out var module))
                modules.Add(new ModuleCode(kernel, module));
        }

        return modules;
    }

    public bool Contains(Va address) => _parts.Exists(part => address - part.Begin < part.Size);

    /// <summary>The symbol at or next below an address inside it; null if there is none.</summary>
    public SymbolLocation? Resolve(Va address) =>
        ModuleSymbols.Resolve(_kernel, _symbols, address, _parts.Find(part => address - part.Begin < part.Size).Begin);

    /// <summary>Bytes from the start of its code.</summary>
    public ulong OffsetOf(Va address) => address - _base;
}
