namespace Vmi.Linux;

/// <summary>Walks the kernel's red-black trees (`struct rb_node`).</summary>
internal static class RedBlackTree
{
    /// <summary>The nodes in the order of their keys; those below a node that is not there are left out.</summary>
    /// <param name="kernel">What reads.</param>
    /// <param name="root">The topmost `rb_node`; null for an empty tree.</param>
    /// <param name="left">The offset of `rb_left`.</param>
    /// <param name="right">The offset of `rb_right`.</param>
    /// <param name="what">What is in the tree, for the reason.</param>
    public static VmiList<Va> Walk(KernelReader kernel, Va root, ulong left, ulong right, string what)
    {
        var missing = new Shortfall();
        var seen = new HashSet<Va>();
        var found = new List<Va>();
        var above = new Stack<Va>();
        var at = root;
        while (true)
        {
            while (!at.IsNull && Enter(at))
            {
                above.Push(at);
                at = Child(at, left);
            }

            if (!above.TryPop(out var node))
                return new VmiList<Va>(found, missing.ToString());
            found.Add(node);
            at = Child(node, right);
        }

        bool Enter(Va node)
        {
            if (seen.Count >= kernel.Limits.ListEntries)
                missing.Add($"the tree of {what} has more than {kernel.Limits.ListEntries} entries");
            else if (!node.IsUpperHalf)
                missing.Add($"the tree of {what} is broken: a link leads to {node}");
            else if (!seen.Add(node))
                missing.Add($"the tree of {what} goes in a circle at {node}");
            else
                return true;
            return false;
        }

        Va Child(Va node, ulong offset)
        {
            if (kernel.TryReadVa(node + offset, out var child))
                return child;
            missing.Add($"the tree of {what} is broken: the node at {node} is not there");
            return default;
        }
    }
}
