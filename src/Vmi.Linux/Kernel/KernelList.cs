namespace Vmi.Linux;

/// <summary>Walks the kernel's circular double lists (`struct list_head`: next, then prev).</summary>
internal static class KernelList
{
    private const ulong Next = 0;
    private const ulong Prev = 8;

    /// <summary>The structures on a list, in its order. Those behind a break are found backwards from the head.</summary>
    /// <param name="kernel">What reads.</param>
    /// <param name="head">The list's head.</param>
    /// <param name="link">The offset of the link in each structure.</param>
    /// <param name="what">What is listed, for the reason.</param>
    public static VmiList<Va> Walk(KernelReader kernel, Va head, ulong link, string what)
    {
        var seen = new HashSet<Va> { head };
        var found = new List<Va>();
        var reason = Follow(kernel, head, Next, seen, found);
        if (reason is null)
            return new VmiList<Va>(Structures(found, link));

        var behind = new List<Va>();
        Follow(kernel, head, Prev, seen, behind);
        behind.Reverse();
        found.AddRange(behind);
        return new VmiList<Va>(Structures(found, link), $"the list of {what} {reason}");
    }

    /// <summary>Collects links until the head comes round; the reason if it does not.</summary>
    private static string? Follow(KernelReader kernel, Va head, ulong direction, HashSet<Va> seen, List<Va> links)
    {
        var at = head;
        while (true)
        {
            if (!kernel.TryReadVa(at + direction, out var next))
                return $"is broken: its link at {at} is not there";
            if (next == head)
                return null;
            if (!next.IsUpperHalf)
                return $"is broken: its link at {at} leads to {next}";
            if (!seen.Add(next))
                return $"goes in a circle at {next}";
            if (seen.Count > kernel.Limits.ListEntries)
                return $"has more than {kernel.Limits.ListEntries} entries";
            links.Add(next);
            at = next;
        }
    }

    private static List<Va> Structures(List<Va> links, ulong link) => links.ConvertAll(each => each - link);
}
