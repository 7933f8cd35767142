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
        if (profile.HasField(Name, "mem"))
            (Base, Sizes) = Parts(profile);
        else
            (Base, Sizes) = (Number("core_layout.base", "module_core"),
                [Number("core_layout.size", "core_size"), Number("init_layout.size", "init_size")]);
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

    /// <summary>The address of its code.</summary>
    public Field Base { get; }

    /// <summary>The sizes of all its parts.</summary>
    public IReadOnlyList<Field> Sizes { get; }

    /// <summary>The array `mem`, one part for each kind of memory.</summary>
    private (Field Base, Field[] Sizes) Parts(Profile profile)
    {
        var parts = Text("mem", LargestArray);
        var part = profile.SizeOf("module_memory");
        var start = profile.Field("module_memory", "base");
        var size = profile.Field("module_memory", "size");
        var text = profile.TryGetEnumValue("MOD_TEXT", out var index) ? (ulong)index : 0;
        if (part == 0 || start.Offset > part - start.Size || size.Offset > part - size.Size || parts.Size / part <= text)
            throw new ProfileException("The layout of module_memory makes no sense: the profile is not sound.");
        var sizes = new Field[parts.Size / part];
        for (var i = 0; i < sizes.Length; i++)
            sizes[i] = size with { Offset = parts.Offset + (ulong)i * part + size.Offset };
        return (start with { Offset = parts.Offset + text * part + start.Offset }, sizes);
    }
}
