using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct xa_node`, and where an array's topmost entry is.</summary>
internal sealed class XaNodeLayout : StructLayout
{
    private const int LargestSlots = 64 * sizeof(ulong); // XA_CHUNK_SIZE

    public XaNodeLayout(Profile profile)
        : base(profile, "xa_node")
    {
        Shift = Number("shift");
        Slots = Text("slots", LargestSlots);
        Head = profile.Field("xarray", "xa_head").Offset;
    }

    /// <summary>How many bits of the index are told apart below the node.</summary>
    public Field Shift { get; }

    /// <summary>The array of entries.</summary>
    public Field Slots { get; }

    /// <summary>The offset of `xarray.xa_head`.</summary>
    public ulong Head { get; }
}
