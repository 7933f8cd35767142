using Vmi.Amd64;

namespace Vmi.Linux;

/// <summary>
/// A Linux guest: what its kernel's structures mean. All is read from the guest's memory when it is asked for; lists say whether they
/// are complete (<see cref="IVmiList{T}.Incomplete"/>), and a guest can make none of them endless.
/// </summary>
public sealed partial class LinuxOs : VmiOs
{
    private readonly KernelReader _reader;

    /// <summary>A Linux guest whose kernel is known. Sets the core's paging mode to the kernel's.</summary>
    /// <param name="core">What reads.</param>
    /// <param name="kernel">The facts about its kernel.</param>
    public LinuxOs(VmiCore core, LinuxKernel kernel)
        : this(core, kernel, new LinuxLayouts((kernel ?? throw new ArgumentNullException(nameof(kernel))).Profile)) =>
        core.PagingMode = kernel.PagingMode;

    private LinuxOs(VmiMemory memory, LinuxKernel kernel, LinuxLayouts layouts)
        : base(memory ?? throw new ArgumentNullException(nameof(memory)))
    {
        Kernel = kernel;
        _reader = new KernelReader(memory, kernel, layouts);
    }

    /// <summary>The facts about its kernel, its profile among them.</summary>
    public LinuxKernel Kernel { get; }

    /// <summary>Where the kernel's image begins: `_text`.</summary>
    public override Va KernelImageBase => Kernel.ImageBase;

    /// <summary>The kernel's banner: "Linux version ...", without the newline.</summary>
    public override string KernelInformationString => Kernel.Banner;

    /// <inheritdoc/>
    public override bool KptiEnabled => Kernel.PageTableIsolation;

    private Amd64Registers VcpuRegisters => (Amd64Registers)Registers;

    /// <summary>Finds the Linux kernel in a VM's memory.</summary>
    /// <exception cref="VmiException">There is none, or more than one that could be it; the message says what was tried.</exception>
    public static LinuxOs Detect(VmiCore core, LinuxDetectionOptions? options = null) => new(core, LinuxDetector.Detect(core, options));

    /// <summary>Finds the Linux kernel in a VM's memory and opens a session on it.</summary>
    /// <exception cref="VmiException">There is none, or more than one that could be it; the message says what was tried.</exception>
    public static VmiSession<LinuxOs> Introspect(VmiCore core, LinuxDetectionOptions? options = null) => new(core, Detect(core, options));

    /// <summary>
    /// The kernel's half of the address space: its own root, whatever the vCPU runs on. The lower half: the vCPU's CR3, null without
    /// registers.
    /// </summary>
    public override Pa? TranslationRoot(Va va, Registers? registers) =>
        va.IsUpperHalf ? Kernel.TranslationRoot : registers?.TranslationRoot;

    /// <summary>The address of a symbol of the kernel, as kallsyms has it; null if there is none of that name.</summary>
    public override Va? FindSymbol(string name) => Kernel.Profile.TryGetSymbol(name, out var address) ? address : null;

    /// <summary>The modules of the kernel, in the order of /proc/modules.</summary>
    public override IVmiList<LinuxModule> Modules() => ModuleList.Read(_reader);

    /// <summary>
    /// All processes, one for each thread group, zombies included; the idle tasks, which have pid 0, are not among them. In the order of
    /// the kernel's list, which is that of their creation.
    /// </summary>
    public override IVmiList<LinuxProcess> Processes() => ProcessList.Read(_reader);

    /// <summary>
    /// The TCP connections that no process holds: waiting to be accepted, or being made, or waiting for their end. In no order.
    /// </summary>
    /// <exception cref="Symbols.ProfileException">The kernel lacks a type or a symbol that is needed.</exception>
    public IVmiList<LinuxSocket> UnownedSockets()
    {
        using var operation = Memory.BeginOperation();
        return new SocketReader(_reader).ReadUnowned();
    }

    /// <summary>The kernel's own threads, with what they were made to run, and what its workers work on just now.</summary>
    /// <exception cref="Symbols.ProfileException">The kernel lacks a type that is needed.</exception>
    public IVmiList<LinuxKernelThread> KernelThreads()
    {
        using var operation = Memory.BeginOperation();
        return new KernelThreadReader(_reader).Read();
    }

    /// <summary>The process whose leader's `task_struct` is at an address.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public override LinuxProcess Process(ProcessObject process) => new(_reader, TaskRecord.Read(_reader, process.Va));

    /// <summary>The process that runs on the vCPU; pid 0 if it idles.</summary>
    /// <exception cref="VmiNotSupportedException">There are no registers, or they do not tell which CPU this is.</exception>
    /// <exception cref="TranslationFaultException">Its memory is not there.</exception>
    public override LinuxProcess CurrentProcess() => CurrentThread().Process;

    /// <summary>`init_task`: pid 0, `swapper/0`.</summary>
    /// <exception cref="TranslationFaultException">Its memory is not there.</exception>
    public override LinuxProcess SystemProcess() => Process(new ProcessObject(_reader.Symbol("init_task")));

    /// <summary>The thread whose `task_struct` is at an address.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public override LinuxThread Thread(ThreadObject thread) => new(_reader, TaskRecord.Read(_reader, thread.Va));

    /// <summary>The thread that runs on the vCPU; pid 0 if it idles.</summary>
    /// <exception cref="VmiNotSupportedException">There are no registers, or they do not tell which CPU this is.</exception>
    /// <exception cref="TranslationFaultException">Its memory is not there.</exception>
    public override LinuxThread CurrentThread()
    {
        using var operation = Memory.BeginOperation();
        return new CpuFinder(_reader).CurrentTask(VcpuRegisters) is { } task
            ? Thread(new ThreadObject(task))
            : throw new VmiNotSupportedException("telling the current thread", "What is known of the vCPU (GS, KERNEL_GS_BASE, GDTR)");
    }

    /// <summary>What tells quickly, at each of many events, which thread runs on the vCPU.</summary>
    public LinuxTaskReader Tasks() => new(_reader);

    /// <summary>The ELF image at an address: of the kernel's half, or of the process that runs on the vCPU.</summary>
    /// <exception cref="TranslationFaultException">Nothing is there.</exception>
    /// <exception cref="VmiFormatException">What is there is no ELF image.</exception>
    public override LinuxImage Image(Va imageBase) =>
        Image(new AddressContext(imageBase, TranslationRoot(imageBase, RegistersOrNull) ?? throw RootMissing(imageBase)));

    /// <summary>The ELF image at an address below a root.</summary>
    /// <exception cref="TranslationFaultException">Nothing is there.</exception>
    /// <exception cref="VmiFormatException">What is there is no ELF image.</exception>
    public LinuxImage Image(AddressContext imageBase) => new(Memory, imageBase);

    /// <summary>The module whose `struct module` is at an address.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public override LinuxModule Module(Va module) => LinuxModule.Read(_reader, module);

    /// <summary>The program or library mapped at an address of the process with that root.</summary>
    /// <param name="module">Any address inside it.</param>
    /// <param name="root">The process's root, as the kernel or as user mode has it.</param>
    /// <exception cref="TranslationFaultException">No process has that root, or none of its programs and libraries is there.</exception>
    public override LinuxUserModule UserModule(Va module, Pa root)
    {
        using var operation = Memory.BeginOperation();
        var kernelRoot = Kernel.PageTableIsolation ? root & ~(ulong)Frame.Size : root;
        foreach (var process in Processes())
        {
            if (!process.IsKernelThread && process.TryGetTranslationRoot(out var its) && its == kernelRoot
                && process.UserModules().FirstOrDefault(each => each.Contains(module)) is { } found)
                return found;
        }

        throw new TranslationFaultException(
            new TranslationFault { Address = module.Value, Root = root, Cause = TranslationFaultCause.PageMissing });
    }

    /// <summary>The region whose `vm_area_struct` is at an address.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public override LinuxRegion Region(Va region)
    {
        using var operation = Memory.BeginOperation();
        var area = AreaRecord.Read(_reader, region);
        return AddressSpace.Read(_reader, area.Mm).Describe(area);
    }

    /// <summary>
    /// An argument of a system call: where the vCPU is at the first instruction of a system call's function (`__x64_sys_execve`), out of
    /// the registers that the kernel saved; else out of the vCPU's (RDI, RSI, RDX, R10, R8, R9), as they are at the kernel's entry.
    /// </summary>
    /// <param name="index">0 to 5.</param>
    /// <exception cref="TranslationFaultException">The saved registers are not there.</exception>
    public override ulong SyscallArgument(int index) => CallArguments.OfSyscall(_reader, VcpuRegisters, index);

    /// <summary>An argument by the psABI: RDI, RSI, RDX, RCX, R8, R9, then the stack; in 32-bit code all on the stack.</summary>
    /// <param name="index">From 0.</param>
    /// <exception cref="TranslationFaultException">The stack is not there.</exception>
    public override ulong FunctionArgument(int index) => CallArguments.OfFunction(_reader, VcpuRegisters, index);

    /// <summary>RAX.</summary>
    public override ulong FunctionReturnValue() => VcpuRegisters.Result;

    /// <summary>Null: Linux keeps a thread's last error in the C library's memory.</summary>
    public override uint? LastError() => null;

    /// <summary>The first process meant; null if there is none.</summary>
    public override LinuxProcess? FindProcess(ProcessPredicate predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return Processes().FirstOrDefault(predicate.Matches);
    }

    /// <summary>The first module meant; null if there is none.</summary>
    public override LinuxModule? FindModule(ModulePredicate predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return Modules().FirstOrDefault(predicate.Matches);
    }

    /// <inheritdoc/>
    protected override LinuxOs BindTo(VmiMemory memory) => new(memory, Kernel, _reader.Layouts);

    private static TranslationFaultException RootMissing(Va address) =>
        new(new TranslationFault { Address = address.Value, Cause = TranslationFaultCause.RootMissing });
}
