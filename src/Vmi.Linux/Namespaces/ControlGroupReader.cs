namespace Vmi.Linux;

/// <summary>Reads the path of a task's control group.</summary>
internal static class ControlGroupReader
{
    private const int Deepest = 1024, LongestName = 256;
    private const uint Online = 2; // CSS_ONLINE

    /// <summary>As /proc/PID/cgroup shows it to the initial namespace; null if there is none, or a part is not there.</summary>
    public static string? Read(KernelReader kernel, Va task)
    {
        // A kernel without control groups has no such field.
        if (!kernel.Kernel.Profile.HasField("task_struct", "cgroups"))
            return null;
        var layout = kernel.Layouts.ControlGroup;
        if (!kernel.TryReadVa(task + layout.OfTask, out var set) || !kernel.TryReadVa(set + layout.OfSet, out var group)
            || !kernel.TryReadVa(group + layout.Node, out var node) || !kernel.TryReadUInt32(group + layout.Flags, out var flags))
            return null;
        var names = new List<string>();
        for (var depth = 0; depth < Deepest; depth++)
        {
            if (!kernel.TryReadStruct(node, layout, out var bytes))
                return null;
            var parent = bytes.ReadVa(layout.Parent);
            if (parent.IsNull)
            {
                names.Reverse();
                return $"/{string.Join('/', names)}{((flags & Online) == 0 ? " (deleted)" : "")}";
            }

            if (kernel.ReadText(bytes.ReadVa(layout.NodeName), LongestName) is not { } name)
                return null;
            names.Add(GuestText.Decode(name));
            node = parent;
        }

        return null;
    }
}
