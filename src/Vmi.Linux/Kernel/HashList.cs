namespace Vmi.Linux;

/// <summary>
/// Walks the kernel's lists with one end (`struct hlist_node`: next first): until a null, or a mark, which is odd (`hlist_nulls`).
/// </summary>
internal static class HashList
{
    /// <summary>The structures on a list, in its order.</summary>
    /// <param name="kernel">What reads.</param>
    /// <param name="head">Where the pointer to the first node is.</param>
    /// <param name="link">The offset of the node in each structure.</param>
    /// <param name="what">What is listed, for the reason.</param>
    /// <param name="among">The nodes seen on other lists of one table, which bounds all of them; null for a list of its own.</param>
    public static VmiList<Va> Walk(KernelReader kernel, Va head, ulong link, string what, HashSet<Va>? among = null)
    {
        var found = new List<Va>();
        var seen = among ?? [];
        var at = head;
        while (true)
        {
            if (!kernel.TryReadVa(at, out var next))
                return Broken($"is broken: its link at {at} is not there");
            if (next.IsNull || (next.Value & 1) != 0)
                return new VmiList<Va>(found);
            if (!next.IsUpperHalf)
                return Broken($"is broken: its link at {at} leads to {next}");
            if (!seen.Add(next))
                return Broken($"goes in a circle at {next}");
            if (seen.Count > kernel.Limits.ListEntries)
                return Broken($"has more than {kernel.Limits.ListEntries} entries");
            found.Add(next - link);
            at = next;
        }

        VmiList<Va> Broken(string reason) => new(found, $"the list of {what} {reason}");
    }
}
