using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct page` of a file, or the first one of several that stand together (`struct folio`, which newer kernels have).</summary>
internal sealed class PageLayout : StructLayout
{
    public PageLayout(Profile profile)
        : base(profile, profile.HasType("folio") ? "folio" : "page")
    {
        Flags = Number("flags");
        Mapping = Number("mapping");
        Index = Number("index");
        UpToDate = (int)profile.EnumValue("PG_uptodate") & 63;
        Size = profile.SizeOf("page");
    }

    public Field Flags { get; }

    /// <summary>The `address_space` that it belongs to.</summary>
    public Field Mapping { get; }

    /// <summary>Its place in the file, in pages.</summary>
    public Field Index { get; }

    /// <summary>The bit of <see cref="Flags"/> that says that its content is that of the file.</summary>
    public int UpToDate { get; }

    /// <summary>Bytes in a `struct page`.</summary>
    public ulong Size { get; }
}
