using Vmi.Cli.Json;

namespace Vmi.Cli.Text;

/// <summary>
/// Puts processes below their parents. The guest decides who is whose parent: also in a circle, or in a chain without end.
/// </summary>
internal static class ProcessTree
{
    /// <summary>Branches deeper than this are drawn at this depth.</summary>
    private const int MaxDepth = 64;

    /// <summary>The processes in the order of a drawn tree, each with its branch.</summary>
    public static IEnumerable<(ProcessJson Process, string Branch)> Arrange(IReadOnlyList<ProcessJson> processes)
    {
        var pids = processes.Select(process => process.Pid).ToHashSet();
        var children = processes.ToLookup(process => process.Ppid);
        var shown = new HashSet<ProcessJson>(ReferenceEqualityComparer.Instance);
        // Roots are those whose parent is not there; then whoever is in a circle and was not reached from these.
        var roots = processes.Where(process => !pids.Contains(process.Ppid)).Concat(processes);
        foreach (var root in roots)
        {
            var waiting = new Stack<(ProcessJson Process, string Indent, bool IsLast, int Depth)>();
            waiting.Push((root, "", true, 0));
            while (waiting.TryPop(out var next))
            {
                if (!shown.Add(next.Process))
                    continue;
                yield return (next.Process, next.Depth == 0 ? "" : next.Indent + (next.IsLast ? "└─ " : "├─ "));
                var below = next.Depth is 0 or MaxDepth ? next.Indent : next.Indent + (next.IsLast ? "   " : "│  ");
                var isLast = true;
                foreach (var child in children[next.Process.Pid].Reverse())
                {
                    if (!shown.Contains(child))
                        waiting.Push((child, below, isLast, Math.Min(next.Depth + 1, MaxDepth)));
                    isLast = false;
                }
            }
        }
    }
}
