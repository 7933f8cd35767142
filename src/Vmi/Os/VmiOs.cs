namespace Vmi;

/// <summary>
/// What a guest's operating system means. An object of it is bound to something that reads: to a core when it is made, and to each
/// state (<see cref="VmiState{TOs}.Os"/>), where it also sees that vCPU's registers.
/// </summary>
/// <param name="memory">What it reads through.</param>
public abstract class VmiOs(VmiMemory? memory)
{
    /// <summary>Where the kernel's image begins.</summary>
    public abstract Va KernelImageBase { get; }

    /// <summary>The kernel's own description of itself: Linux's banner.</summary>
    public abstract string KernelInformationString { get; }

    /// <summary>Whether the kernel keeps page tables of their own for user mode (page-table isolation).</summary>
    public abstract bool KptiEnabled { get; }

    /// <summary>What it reads through.</summary>
    /// <exception cref="InvalidOperationException">It is bound to nothing.</exception>
    protected VmiMemory Memory =>
        memory ?? throw new InvalidOperationException("This operating system object is bound to no memory: use a session's.");

    /// <summary>The registers of the vCPU it is bound to.</summary>
    /// <exception cref="VmiNotSupportedException">It is bound to no vCPU, or the source has no registers.</exception>
    protected Registers Registers =>
        Memory.CurrentRegisters ?? throw new VmiNotSupportedException("what needs a vCPU's registers", "A state without registers");

    /// <summary>The registers of the vCPU it is bound to; null if it is bound to none.</summary>
    protected Registers? RegistersOrNull => Memory.CurrentRegisters;

    /// <summary>The address of a symbol of the kernel; null if it has none of that name, or nothing is known of its symbols.</summary>
    public virtual Va? FindSymbol(string name) => null;

    /// <summary>The modules of the kernel.</summary>
    public abstract IVmiList<VmiModule> Modules();

    /// <summary>All processes.</summary>
    public abstract IVmiList<VmiProcess> Processes();

    /// <summary>The process that kernel structure stands for.</summary>
    public abstract VmiProcess Process(ProcessObject process);

    /// <summary>The process that runs on the vCPU.</summary>
    public abstract VmiProcess CurrentProcess();

    /// <summary>The process that the kernel itself is: pid 0 on Linux, System on Windows.</summary>
    public abstract VmiProcess SystemProcess();

    /// <summary>The thread that kernel structure stands for.</summary>
    public abstract VmiThread Thread(ThreadObject thread);

    /// <summary>The thread that runs on the vCPU.</summary>
    public abstract VmiThread CurrentThread();

    /// <summary>The executable image at an address.</summary>
    public abstract VmiImage Image(Va imageBase);

    /// <summary>The kernel module that the kernel's structure at an address stands for.</summary>
    public abstract VmiModule Module(Va module);

    /// <summary>The user module whose structure lies at an address of a process.</summary>
    public abstract VmiUserModule UserModule(Va module, Pa root);

    /// <summary>The region that the kernel's structure at an address stands for.</summary>
    public abstract VmiRegion Region(Va region);

    /// <summary>An argument of the system call that the vCPU is about to carry out; from 0.</summary>
    public abstract ulong SyscallArgument(int index);

    /// <summary>An argument of the function whose first instruction the vCPU is about to execute; from 0.</summary>
    public abstract ulong FunctionArgument(int index);

    /// <summary>The value of the function that just returned.</summary>
    public abstract ulong FunctionReturnValue();

    /// <summary>The last error of the thread that runs on the vCPU; null where the operating system keeps none.</summary>
    public abstract uint? LastError();

    /// <summary>The first process meant; null if there is none.</summary>
    public virtual VmiProcess? FindProcess(ProcessPredicate predicate) => Processes().FirstOrDefault(predicate.Matches);

    /// <summary>The processes meant.</summary>
    public IEnumerable<VmiProcess> FilterProcesses(ProcessPredicate predicate) => Processes().Where(predicate.Matches);

    /// <summary>The first module meant; null if there is none.</summary>
    public virtual VmiModule? FindModule(ModulePredicate predicate) => Modules().FirstOrDefault(predicate.Matches);

    /// <summary>The modules meant.</summary>
    public IEnumerable<VmiModule> FilterModules(ModulePredicate predicate) => Modules().Where(predicate.Matches);

    /// <summary>
    /// The root for a bare virtual address. By itself: the vCPU's. An operating system that knows better (the kernel's half of the
    /// address space under page-table isolation; a file without registers) overrides it.
    /// </summary>
    /// <returns>Null if no root is known.</returns>
    public virtual Pa? TranslationRoot(Va va, Registers? registers) => registers?.TranslationRoot;

    /// <summary>The same operating system, bound to <paramref name="memory"/>.</summary>
    protected internal abstract VmiOs BindTo(VmiMemory memory);
}
