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
}
