using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct vm_area_struct`, with the names that stand behind one.</summary>
internal sealed class VmaLayout : StructLayout
{
    public VmaLayout(Profile profile)
        : base(profile, "vm_area_struct")
    {
        Start = Number("vm_start");
        End = Number("vm_end");
        Mm = Number("vm_mm");
        Flags = Number("vm_flags");
        PageOffset = Number("vm_pgoff");
        File = Number("vm_file");
        PrivateData = Number("vm_private_data");
        Operations = Number("vm_ops");
        Next = OptionalNumber("vm_next");
        AnonName = OptionalNumber("anon_name");
        AnonNameIsOfAnonymousOnly = AnonName is { } name && profile.TryGetField(Name, "shared", out var shared)
            && name.Offset - shared.Offset < shared.Size;
        AnonNameText = profile.TryGetField("anon_vma_name", "name", out var text) ? text.Offset : null;
        OperationsName = profile.Field("vm_operations_struct", "name").Offset;
        SpecialMappingName = profile.Field("vm_special_mapping", "name").Offset;
    }

    public Field Start { get; }

    public Field End { get; }

    public Field Mm { get; }

    public Field Flags { get; }

    public Field PageOffset { get; }

    public Field File { get; }

    public Field PrivateData { get; }

    public Field Operations { get; }

    /// <summary>The next area by address, in kernels without the maple tree.</summary>
    public Field? Next { get; }

    public Field? AnonName { get; }

    /// <summary>Whether the name lies in a union with what only areas of files have.</summary>
    public bool AnonNameIsOfAnonymousOnly { get; }

    public ulong? AnonNameText { get; }

    public ulong OperationsName { get; }

    public ulong SpecialMappingName { get; }
}
