using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>A module of a Linux kernel: one line of /proc/modules. Corresponds to `struct module`, at the moment it was read.</summary>
public sealed class LinuxModule : VmiModule
{
    private const int LongestVersion = 256;

    // The kernel holds one reference itself.
    private const uint ReferenceBase = 1;

    private readonly KernelReader _kernel;
    private readonly Va _version;
    private readonly Va _sourceVersion;
    private readonly Va _symbols;
    private readonly List<(Va Begin, ulong Size)> _parts = [];

    internal LinuxModule(KernelReader kernel, Va address, StructReader module)
    {
        var layout = kernel.Layouts.Module;
        _kernel = kernel;
        Object = address;
        Name = GuestText.Decode(GuestText.Terminated(module.ReadBytes(layout.NameText)));
        BaseAddress = module.ReadVa(layout.Base);
        for (var i = 0; i < layout.Sizes.Count; i++)
        {
            _parts.Add((module.ReadVa(layout.Bases[i]), module.Read(layout.Sizes[i])));
            Size += _parts[i].Size;
        }

        State = (LinuxModuleState)module.Read(layout.State);
        Taints = module.Read(layout.Taints);
        if (layout.References is { } references)
            References = (int)((uint)module.Read(references) - ReferenceBase);
        if (layout.Version is { } version)
            _version = module.ReadVa(version);
        if (layout.Symbols is { } symbols)
            _symbols = module.ReadVa(symbols);
        if (layout.SourceVersion is { } sourceVersion)
            _sourceVersion = module.ReadVa(sourceVersion);
    }

    /// <summary>Where its code is, as /proc/modules shows it. Corresponds to `module.mem[MOD_TEXT].base`.</summary>
    public override Va BaseAddress { get; }

    /// <summary>Bytes of all its parts, as /proc/modules shows them.</summary>
    public override ulong Size { get; }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>The address of its `struct module`.</summary>
    public Va Object { get; }

    /// <summary>Where it is in its life.</summary>
    public LinuxModuleState State { get; }

    /// <summary>`module.taints`: a bit for each reason why it taints the kernel.</summary>
    public ulong Taints { get; }

    /// <summary>How many hold it; null in a kernel that does not count.</summary>
    public int? References { get; }

    /// <summary>Its own version; null if it states none.</summary>
    public string? Version => Text(_version);

    /// <summary>The checksum of its sources; null if it states none.</summary>
    public string? SourceVersion => Text(_sourceVersion);

    /// <summary>The names of the modules that use it, as /proc/modules lists them.</summary>
    public IVmiList<string> UsedBy()
    {
        using var operation = _kernel.Memory.BeginOperation();
        var layout = _kernel.Layouts.Module;
        if (layout.Users is not { } users)
            return new VmiList<string>([]);
        var uses = KernelList.Walk(_kernel, Object + users, layout.UseLink, "users of a module");
        var missing = new Shortfall();
        missing.Add(uses.Incomplete);
        var names = new List<string>(uses.Count);
        foreach (var use in uses)
        {
            if (_kernel.TryReadVa(use + layout.UseSource, out var source) && TryRead(_kernel, source) is { } module)
                names.Add(module.Name);
            else
                missing.Add($"the module_use at {use} is not there");
        }

        return new VmiList<string>(names, missing.ToString());
    }

    /// <summary>
    /// Its symbols, in the order of its table, as /proc/kallsyms lists them; the letters are those of its object file (the kernel shows
    /// exported ones in upper case). Corresponds to `module.kallsyms`.
    /// </summary>
    public IVmiList<Symbol> Symbols()
    {
        using var operation = _kernel.Memory.BeginOperation();
        return ModuleSymbols.Read(_kernel, _symbols);
    }

    /// <summary>Whether an address lies in one of its parts.</summary>
    public bool Contains(Va address) => _parts.Exists(part => address - part.Begin < part.Size);

    /// <summary>The symbol at or next below an address in the same part of it; null if there is none.</summary>
    public SymbolLocation? Resolve(Va address) => Contains(address)
        ? ModuleSymbols.Resolve(_kernel, _symbols, address, _parts.Find(part => address - part.Begin < part.Size).Begin)
        : null;

    /// <summary>
    /// Its own types upon those of the kernel (split BTF), as /sys/kernel/btf/NAME has them; null if the kernel keeps none for it.
    /// Corresponds to `btf_modules`.
    /// </summary>
    /// <exception cref="VmiFormatException">
    /// What is there is not sound BTF, or does not go with the kernel's types, because those are out of an ISF file.
    /// </exception>
    public BtfTypes? Types()
    {
        using var operation = _kernel.Memory.BeginOperation();
        return ModuleTypes.Read(_kernel, Object);
    }

    internal static LinuxModule Read(KernelReader kernel, Va address) =>
        new(kernel, address, kernel.ReadStruct(address, kernel.Layouts.Module));

    internal static LinuxModule? TryRead(KernelReader kernel, Va address) =>
        kernel.TryReadStruct(address, kernel.Layouts.Module, out var module) ? new LinuxModule(kernel, address, module) : null;

    private string? Text(Va address) => _kernel.ReadText(address, LongestVersion) is { } text ? GuestText.Decode(text) : null;
}
