namespace Vmi.Linux;

/// <summary>
/// Hidden processes: whoever has a pid, or runs, is in the list of tasks, or in its process's list of threads; and whoever is there has a
/// pid. The list is what /proc and ps show; the table of pids is how signals find their target; the run queues are what makes it run.
/// </summary>
internal sealed class ProcessCheck(KernelReader kernel)
{
    private const string PidTable = "the table of pids";

    private readonly CheckResult _result = new();
    private readonly Dictionary<Va, List<string>> _elsewhere = [];

    public LinuxCheck Run()
    {
        var listed = Listed();
        ReadPidTable();
        ReadRunQueues();
        foreach (var (task, places) in _elsewhere)
        {
            if (!listed.ContainsKey(task))
                Report(task, $"is in {string.Join(" and ", places)}, and not in the list of tasks");
        }

        if (_elsewhere.Values.Any(places => places.Contains(PidTable)))
        {
            foreach (var task in listed.Keys.Where(task => !_elsewhere.TryGetValue(task, out var places) || !places.Contains(PidTable)))
                Report(task, $"is in the list of tasks, and not in {PidTable}");
        }

        return _result.ToCheck(LinuxCheckKind.Processes);
    }

    private Dictionary<Va, uint> Listed()
    {
        var listed = new Dictionary<Va, uint>();
        var processes = ProcessList.Read(kernel);
        _result.Missing.Add(processes.Incomplete);
        foreach (var process in processes)
        {
            listed[process.Object.Va] = process.Id.Value;
            var threads = process.Threads();
            _result.Missing.Add(threads.Incomplete);
            foreach (var thread in threads)
                listed[thread.Object.Va] = thread.Id.Value;
        }

        return listed;
    }

    private void ReadPidTable()
    {
        var layout = kernel.Layouts.Pid;
        var pids = XArray.Walk(kernel, kernel.Symbol("init_pid_ns") + layout.Table, "pids");
        _result.Missing.Add(pids.Incomplete);
        foreach (var (number, pid) in pids)
        {
            if (!kernel.TryReadVa(pid + layout.FirstTask, out var link))
                _result.Missing.Add($"the struct pid of {number} at {pid} is not there");
            else if (!link.IsNull)
                Add(link - layout.TaskLink, PidTable);
        }
    }

    private void ReadRunQueues()
    {
        var layout = kernel.Layouts.RunQueue;
        var queues = kernel.Symbol("runqueues");
        var cpu = 0;
        foreach (var offset in new CpuFinder(kernel).Bases)
        {
            var address = offset + queues.Value;
            var place = $"the run queue of CPU {cpu++}";
            if (!kernel.TryReadStruct(address, layout, out var queue))
            {
                _result.Missing.Add($"{place} at {address} is not there");
                continue;
            }

            var current = queue.ReadVa(layout.Current);
            if (current != queue.ReadVa(layout.Idle))
                Add(current, place);
            if (layout.FairTasks is not { } fair)
                continue;
            var waiting = KernelList.Walk(kernel, address + fair, layout.FairLink, "tasks that want to run");
            _result.Missing.Add(waiting.Incomplete);
            foreach (var task in waiting)
                Add(task, place);
        }
    }

    private void Add(Va task, string place)
    {
        if (!_elsewhere.TryGetValue(task, out var places))
            _elsewhere.Add(task, places = []);
        if (!places.Contains(place))
            places.Add(place);
    }

    private void Report(Va address, string what)
    {
        if (TaskRecord.TryRead(kernel, address) is not { } task)
        {
            _result.Missing.Add($"the task_struct at {address} is not there");
            return;
        }

        // Between its lists for a moment: just born, or dead and without memory, so that it can run no program any more.
        if (task.IsNew || task.State == 'X' && task.Mm.IsNull)
            return;
        var who = task.Pid == task.Tgid ? $"process {task.Pid}" : $"thread {task.Pid} of process {task.Tgid}";
        _result.Found(address, $"{who} ({task.Name}) {what}");
    }
}
