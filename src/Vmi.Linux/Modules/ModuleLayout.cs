using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct module`, with `struct module_memory` or, in kernels before it, `struct module_layout`.</summary>
internal sealed class ModuleLayout : StructLayout
{
    private const int LongestName = 64;
    private const int LargestArray = 16 * 1024;

    public ModuleLayout(Profile profile)
        : base(profile, "module")
    {
        State = Number("state");
        NameText = Text("name", LongestName);
        List = Offset("list");
        Taints = Number("taints");
        Version = OptionalNumber("version");
        SourceVersion = OptionalNumber("srcversion");
        References = OptionalNumber("refcnt");
        Users = profile.TryGetField(Name, "source_list", out var users) ? users.Offset : null;
        UseLink = profile.TryGetField("module_use", "source_list", out var link) ? link.Offset : 0;
        UseSource = profile.TryGetField("module_use", "source", out var source) ? source.Offset : 0;
        OrcEntries = OptionalNumber("arch.orc_unwind");
        OrcAddresses = OptionalNumber("arch.orc_unwind_ip");
        OrcCount = OptionalNumber("arch.num_orcs");
        Symbols = OptionalNumber("kallsyms");
        if (profile.HasField(Name, "mem"))
            (Base, Bases, Sizes) = Parts(profile);
        else
        {
            Base = Number("core_layout.base", "module_core");
            Bases = [Base, Number("init_layout.base", "module_init")];
            Sizes = [Number("core_layout.size", "core_size"), Number("init_layout.size", "init_size")];
        }
    }

    public Field State { get; }

    public Field NameText { get; }

    public ulong List { get; }

    public Field Taints { get; }

    public Field? Version { get; }

    public Field? SourceVersion { get; }

    public Field? References { get; }

    /// <summary>The list of the modules that use it.</summary>
    public ulong? Users { get; }

    public ulong UseLink { get; }

    public ulong UseSource { get; }

    /// <summary>How its code is unwound: the entries, their addresses, and how many there are.</summary>
    public Field? OrcEntries { get; }

    public Field? OrcAddresses { get; }

    public Field? OrcCount { get; }

    /// <summary>Its own `struct mod_kallsyms`.</summary>
    public Field? Symbols { get; }

    /// <summary>The address of its code.</summary>
    public Field Base { get; }

    /// <summary>The addresses of all its parts.</summary>
    public IReadOnlyList<Field> Bases { get; }

    /// <summary>The sizes of all its parts, in the same order.</summary>
    public IReadOnlyList<Field> Sizes { get; }

    /// <summary>The array `mem`, one part for each kind of memory.</summary>
    private (Field Base, Field[] Bases, Field[] Sizes) Parts(Profile profile)
    {
        var parts = Text("mem", LargestArray);
        var part = profile.SizeOf("module_memory");
        var start = profile.Field("module_memory", "base");
        var size = profile.Field("module_memory", "size");
        var text = profile.TryGetEnumValue("MOD_TEXT", out var index) ? (ulong)index : 0;
        if (part == 0 || start.Offset > part - start.Size || size.Offset > part - size.Size || parts.Size / part <= text)
            throw new ProfileException("The layout of module_memory makes no sense: the profile is not sound.");
        var sizes = new Field[parts.Size / part];
        var bases = new Field[sizes.Length];
        for (var i = 0; i < sizes.Length; i++)
        {
            bases[i] = start with { Offset = parts.Offset + (ulong)i * part + start.Offset };
            sizes[i] = size with { Offset = parts.Offset + (ulong)i * part + size.Offset };
        }

        return (bases[text], bases, sizes);
    }
}
