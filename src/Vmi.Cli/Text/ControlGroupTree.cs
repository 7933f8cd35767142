using Vmi.Cli.Json;

namespace Vmi.Cli.Text;

/// <summary>The control groups as a tree, with the processes in them.</summary>
internal sealed class ControlGroupTree
{
    /// <summary>Names of a path that count; what comes behind them is one name. The guest says how long paths are.</summary>
    private const int MostNames = 64;

    private const int NoParent = -1;

    private readonly List<Node> _nodes = [];
    private readonly Dictionary<(int Parent, string Name), int> _groups = [];

    /// <summary>Puts each process below its group, and groups below those that they lie in.</summary>
    public ControlGroupTree(IEnumerable<NamespacesJson> processes)
    {
        foreach (var process in processes)
            Add(GroupOf(process.ControlGroup), process.Name, process);
    }

    /// <summary>The lines of the tree: a group, or a process of the group above it.</summary>
    public IEnumerable<(NamespacesJson? Process, string Text)> Lines() =>
        Tree.Arrange(_nodes, node => node.Id, node => node.Parent).Select(each => (each.Entry.Process, each.Branch + each.Entry.Text));

    private int GroupOf(string? path)
    {
        if (path is null)
            return Group(NoParent, "(not known)");
        var group = Group(NoParent, "/");
        foreach (var name in path.Split('/', MostNames, StringSplitOptions.RemoveEmptyEntries))
            group = Group(group, name);
        return group;
    }

    private int Group(int parent, string name)
    {
        if (!_groups.TryGetValue((parent, name), out var id))
            _groups[(parent, name)] = id = Add(parent, name, null);
        return id;
    }

    private int Add(int parent, string text, NamespacesJson? process)
    {
        _nodes.Add(new Node(_nodes.Count, parent, text, process));
        return _nodes.Count - 1;
    }

    private sealed record Node(int Id, int Parent, string Text, NamespacesJson? Process);
}
