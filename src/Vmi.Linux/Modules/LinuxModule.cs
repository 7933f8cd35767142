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

    internal LinuxModule(KernelReader kernel, Va address, StructReader module)
    {
        var layout = kernel.Layouts.Module;
        _kernel = kernel;
        Object = address;
        Name = GuestText.Decode(GuestText.Terminated(module.ReadBytes(layout.NameText)));
        BaseAddress = module.ReadVa(layout.Base);
        foreach (var size in layout.Sizes)
            Size += module.Read(size);
        State = (LinuxModuleState)module.Read(layout.State);
        Taints = module.Read(layout.Taints);
        if (layout.References is { } references)
            References = (int)((uint)module.Read(references) - ReferenceBase);
        if (layout.Version is { } version)
            _version = module.ReadVa(version);
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

    internal static LinuxModule Read(KernelReader kernel, Va address) =>
        new(kernel, address, kernel.ReadStruct(address, kernel.Layouts.Module));

    internal static LinuxModule? TryRead(KernelReader kernel, Va address) =>
        kernel.TryReadStruct(address, kernel.Layouts.Module, out var module) ? new LinuxModule(kernel, address, module) : null;

    private string? Text(Va address) => _kernel.ReadText(address, LongestVersion) is { } text ? GuestText.Decode(text) : null;
}
