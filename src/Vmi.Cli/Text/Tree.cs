namespace Vmi.Cli.Text;

/// <summary>
/// Puts entries below their parents. The guest decides which is whose parent: also in a circle, or in a chain without end.
/// </summary>
internal static class Tree
{
    /// <summary>Branches deeper than this are drawn at this depth.</summary>
    private const int MaxDepth = 64;

    /// <summary>The entries in the order of a drawn tree, each with its branch.</summary>
    /// <param name="entries">The entries; children keep their order.</param>
    /// <param name="id">What an entry is known by.</param>
    /// <param name="parent">What its parent is known by; where that is not there, it is a root.</param>
    public static IEnumerable<(T Entry, string Branch)> Arrange<T, TId>(IReadOnlyList<T> entries, Func<T, TId> id, Func<T, TId> parent)
        where T : class
    {
        var ids = entries.Select(id).ToHashSet();
        var children = entries.ToLookup(parent);
        var shown = new HashSet<T>(ReferenceEqualityComparer.Instance);
        var expanded = new HashSet<TId>();
        // Roots are those whose parent is not there; then whoever is in a circle and was not reached from these.
        var roots = entries.Where(entry => !ids.Contains(parent(entry))).Concat(entries);
        foreach (var root in roots)
        {
            var waiting = new Stack<(T Entry, string Indent, bool IsLast, int Depth)>();
            waiting.Push((root, "", true, 0));
            while (waiting.TryPop(out var next))
            {
                if (!shown.Add(next.Entry))
                    continue;
                yield return (next.Entry, next.Depth == 0 ? "" : next.Indent + (next.IsLast ? "└─ " : "├─ "));
                // Of several that are known by the same, the first has the children.
                if (!expanded.Add(id(next.Entry)))
                    continue;
                var below = next.Depth is 0 or MaxDepth ? next.Indent : next.Indent + (next.IsLast ? "   " : "│  ");
                var isLast = true;
                foreach (var child in children[id(next.Entry)].Reverse())
                {
                    if (shown.Contains(child))
                        continue;
                    waiting.Push((child, below, isLast, Math.Min(next.Depth + 1, MaxDepth)));
                    isLast = false;
                }
            }
        }
    }
}
