namespace Vmi.Linux;

/// <summary>All thread groups, from `init_task.tasks`; the idle tasks are not among them.</summary>
internal static class ProcessList
{
    public static VmiList<LinuxProcess> Read(KernelReader kernel)
    {
        using var operation = kernel.Memory.BeginOperation();
        var layout = kernel.Layouts.Task;
        var tasks = KernelList.Walk(kernel, kernel.Symbol("init_task") + layout.Tasks, layout.Tasks, "processes");
        var missing = new Shortfall();
        missing.Add(tasks.Incomplete);
        var processes = new List<LinuxProcess>(tasks.Count);
        foreach (var address in tasks)
        {
            if (TaskRecord.TryRead(kernel, address) is { } task)
                processes.Add(new LinuxProcess(kernel, task));
            else
                missing.Add($"the task_struct at {address} is not there");
        }

        return new VmiList<LinuxProcess>(processes, missing.ToString());
    }
}
