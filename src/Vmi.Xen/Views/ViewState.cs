namespace Vmi.Xen;

/// <summary>A view that was made, with what was changed in it.</summary>
/// <param name="defaultAccess">The rights of its frames that have none of their own.</param>
internal sealed class ViewState(int defaultAccess)
{
    /// <summary>The rights of its frames that have none of their own.</summary>
    public int DefaultAccess { get; } = defaultAccess;

    /// <summary>The rights that were set, by frame.</summary>
    public Dictionary<ulong, int> Rights { get; } = [];

    /// <summary>The frames that mean others here.</summary>
    public Dictionary<ulong, ulong> Changed { get; } = [];

    /// <summary>The lowest and the highest frame that another was ever to mean here; Xen remembers them, too.</summary>
    public (ulong Lowest, ulong Highest) Meant { get; set; } = (ulong.MaxValue, 0);

    /// <summary>Whether Xen makes all of the view anew when a frame is removed from the domain: one that may stand for another here.</summary>
    public bool Forgets(ulong gfn) => gfn >= Meant.Lowest && gfn <= Meant.Highest;
}
