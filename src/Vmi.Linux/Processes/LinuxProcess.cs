namespace Vmi.Linux;

/// <summary>
/// A process of a Linux guest: a thread group. Corresponds to the `struct task_struct` of the group's leader; what it says is of the
/// moment it was read at, what it leads to is read when asked for.
/// </summary>
public sealed partial class LinuxProcess : VmiProcess
{
    private readonly KernelReader _kernel;
    private readonly TaskRecord _task;
    private readonly uint _parent;

    internal LinuxProcess(KernelReader kernel, TaskRecord task)
    {
        _kernel = kernel;
        _task = task;
        if (kernel.TryReadUInt32(task.RealParent + kernel.Layouts.Task.Tgid.Offset, out var parent))
            _parent = parent;
    }

    /// <summary>Its number. Corresponds to `task_struct.tgid`.</summary>
    public override ProcessId Id => new(_task.Tgid);

    /// <inheritdoc/>
    public override ProcessObject Object => new(_task.Address);

    /// <summary>Its short name; bytes that are not UTF-8 are escaped `\xNN`. Corresponds to `task_struct.comm`.</summary>
    public override string Name => _task.Name;

    /// <summary>Its short name as the guest has it, at most 15 bytes.</summary>
    public ReadOnlyMemory<byte> NameBytes => _task.NameBytes;

    /// <summary>The number of its parent; 0 for those that have none, and where the parent's memory is not there.</summary>
    public override ProcessId ParentId => new(_parent);

    /// <summary>
    /// Its state as /proc shows it: R running, S sleeping, D uninterruptible, T stopped, t traced, X dead, Z zombie, P parked, I idle.
    /// </summary>
    public char State => _task.State;

    /// <summary>Whether it is the kernel's own (`PF_KTHREAD`).</summary>
    public bool IsKernelThread => _task.IsKernelThread;

    /// <summary>When it began: the time from the boot on. Corresponds to `task_struct.start_boottime`.</summary>
    public TimeSpan StartTime => KernelTime.Span(_task.StartTime);

    /// <summary>The same in nanoseconds.</summary>
    public ulong StartTimeNanoseconds => _task.StartTime;

    /// <summary>When it began, by the guest's clock; null if its timekeeping is not there.</summary>
    public DateTimeOffset? StartedAt => KernelTime.TryRead(_kernel) is { } time ? time.BootTime + StartTime : null;

    /// <summary>Who it acts as; null if that memory is not there.</summary>
    public LinuxCredentials? Credentials => LinuxCredentials.TryRead(_kernel, _task.RealCred);

    /// <summary>32-bit if its program is.</summary>
    /// <exception cref="TranslationFaultException">Its `mm_struct` is not there.</exception>
    public override VmiImageArchitecture Architecture =>
        Space is { Is32Bit: true } ? VmiImageArchitecture.X86 : VmiImageArchitecture.Amd64;

    /// <summary>
    /// The root of its page tables as the kernel uses them (`mm_struct.pgd`). Kernel threads and zombies have none of their own: the
    /// kernel's.
    /// </summary>
    /// <exception cref="TranslationFaultException">Its `mm_struct` is not there.</exception>
    public override Pa TranslationRoot => Space?.Root ?? _kernel.Kernel.TranslationRoot;

    /// <summary>The root of its page tables as user mode has them: under page-table isolation the page after the kernel's.</summary>
    /// <exception cref="TranslationFaultException">Its `mm_struct` is not there.</exception>
    public override Pa UserTranslationRoot =>
        Space is { } space && _kernel.Kernel.PageTableIsolation ? space.Root | Frame.Size : TranslationRoot;

    /// <summary>The first address of the file that it executes; null for a process without one.</summary>
    /// <exception cref="TranslationFaultException">Its `mm_struct` is not there.</exception>
    public override Va? ImageBase
    {
        get
        {
            if (Space is not { } space)
                return null;
            using var operation = _kernel.Memory.BeginOperation();
            return space.FindImageBase();
        }
    }

    /// <summary>
    /// The path of the file that it executes, as /proc/PID/exe shows it; null for a process without one, or if that memory is not there.
    /// </summary>
    public string? ExecutablePath
    {
        get
        {
            using var operation = _kernel.Memory.BeginOperation();
            return AddressSpace.TryRead(_kernel, _task.Mm) is { ExeFile.IsNull: false } space
                && new PathReader(_kernel).TryRead(space.ExeFile, out var path) ? path : null;
        }
    }

    /// <summary>
    /// Its arguments, joined by spaces as `ps` shows them; null for kernel threads, empty for a zombie. What is missing of them says
    /// <see cref="Arguments"/>.
    /// </summary>
    public string? CommandLine => IsKernelThread ? null : ArgumentReader.Join(Arguments());

    private AddressSpace? Space => _task.Mm.IsNull ? null : AddressSpace.Read(_kernel, _task.Mm);

    /// <summary>Its arguments. They lie in memory that it can write, so they are what it wants to show.</summary>
    public IVmiList<string> Arguments()
    {
        using var operation = _kernel.Memory.BeginOperation();
        if (_task.IsKernelThread || _task.Mm.IsNull)
            return new VmiList<string>([]);
        return AddressSpace.TryRead(_kernel, _task.Mm) is { } space
            ? ArgumentReader.Read(_kernel, space)
            : new VmiList<string>([], $"its mm_struct at {_task.Mm} is not there");
    }

    /// <summary>Its regions, by address; none for kernel threads and zombies.</summary>
    public override IVmiList<LinuxRegion> Regions()
    {
        using var operation = _kernel.Memory.BeginOperation();
        if (_task.Mm.IsNull)
            return new VmiList<LinuxRegion>([]);
        return AddressSpace.TryRead(_kernel, _task.Mm) is { } space
            ? space.Regions()
            : new VmiList<LinuxRegion>([], $"its mm_struct at {_task.Mm} is not there");
    }

    /// <summary>The region that holds an address; null if none does.</summary>
    public override LinuxRegion? LookupRegion(Va address)
    {
        using var operation = _kernel.Memory.BeginOperation();
        return AddressSpace.TryRead(_kernel, _task.Mm)?.Lookup(address, out _);
    }

    /// <inheritdoc/>
    public override LinuxRegion? FindRegion(RegionPredicate predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return Regions().FirstOrDefault(predicate.Matches);
    }

    /// <summary>The programs and libraries mapped into it, by address: files of which a part is mapped executable.</summary>
    public IVmiList<LinuxUserModule> UserModules() => LinuxUserModule.Of(Regions());

    /// <summary>The first program or library meant; null if there is none.</summary>
    public LinuxUserModule? FindUserModule(UserModulePredicate predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return UserModules().FirstOrDefault(predicate.Matches);
    }

    /// <summary>Its threads, the first one first.</summary>
    public override IVmiList<LinuxThread> Threads()
    {
        using var operation = _kernel.Memory.BeginOperation();
        var layout = _kernel.Layouts.Task;
        var tasks = KernelList.Walk(_kernel, _task.Signal + layout.ThreadHead, layout.ThreadNode, "threads");
        var missing = new Shortfall();
        missing.Add(tasks.Incomplete);
        var threads = new List<LinuxThread>(tasks.Count);
        foreach (var address in tasks)
        {
            if (TaskRecord.TryRead(_kernel, address) is { } task)
                threads.Add(new LinuxThread(_kernel, task));
            else
                missing.Add($"the task_struct at {address} is not there");
        }

        return new VmiList<LinuxThread>(threads, missing.ToString());
    }

    /// <summary>Whether an address lies in one of its regions; null for kernel threads, and where its regions are not all there.</summary>
    public override bool? IsValidAddress(Va address)
    {
        using var operation = _kernel.Memory.BeginOperation();
        if (AddressSpace.TryRead(_kernel, _task.Mm) is not { } space)
            return null;
        return space.Lookup(address, out var isCertain) is not null ? true : isCertain ? false : null;
    }

    /// <summary>The root of its page tables, as <see cref="TranslationRoot"/>; false if its `mm_struct` is not there.</summary>
    public bool TryGetTranslationRoot(out Pa root)
    {
        root = _kernel.Kernel.TranslationRoot;
        if (_task.Mm.IsNull)
            return true;
        if (AddressSpace.TryRead(_kernel, _task.Mm) is not { } space || !space.TryGetRoot(out root))
            return false;
        return true;
    }

    internal static LinuxProcess Of(KernelReader kernel, TaskRecord task) =>
        new(kernel, task.GroupLeader == task.Address ? task : TaskRecord.Read(kernel, task.GroupLeader));
}
