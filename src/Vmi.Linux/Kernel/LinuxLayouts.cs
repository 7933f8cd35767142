using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>
/// The layouts of all structures that are read, each looked up when it is first needed, so that a kernel that lacks one (a kernel
/// without modules) serves all the others. Made twice by two threads at once, they are the same.
/// </summary>
internal sealed class LinuxLayouts(Profile profile)
{
    public TaskLayout Task => field ??= new TaskLayout(profile);

    public CredLayout Cred => field ??= new CredLayout(profile);

    public MmLayout Mm => field ??= new MmLayout(profile);

    public VmaLayout Vma => field ??= new VmaLayout(profile);

    public MapleLayout Maple => field ??= new MapleLayout(profile);

    public FileLayout File => field ??= new FileLayout(profile);

    public FilesLayout Files => field ??= new FilesLayout(profile);

    public SocketLayout Socket => field ??= new SocketLayout(profile);

    public SockLayout Sock => field ??= new SockLayout(profile);

    public DentryLayout Dentry => field ??= new DentryLayout(profile);

    public MountLayout Mount => field ??= new MountLayout(profile);

    public MountInfoLayout MountInfo => field ??= new MountInfoLayout(profile);

    public GateLayout Gate => field ??= new GateLayout(profile);

    public InodeLayout Inode => field ??= new InodeLayout(profile);

    public PageLayout Page => field ??= new PageLayout(profile);

    public ModuleLayout Module => field ??= new ModuleLayout(profile);

    public PrintkLayout Printk => field ??= new PrintkLayout(profile);

    public PrintkDescriptorLayout PrintkDescriptor => field ??= new PrintkDescriptorLayout(profile);

    public PrintkInfoLayout PrintkInfo => field ??= new PrintkInfoLayout(profile);

    public TimekeeperLayout Timekeeper => field ??= new TimekeeperLayout(profile);

    public PtRegsLayout PtRegs => field ??= new PtRegsLayout(profile);

    public StackTaskLayout StackTask => field ??= new StackTaskLayout(profile);

    public TrapFrameLayout TrapFrame => field ??= new TrapFrameLayout(profile);

    public OrcLayout Orc => field ??= new OrcLayout(profile);

    public FtraceOpsLayout FtraceOps => field ??= new FtraceOpsLayout(profile);

    public KernelThreadLayout KernelThread => field ??= new KernelThreadLayout(profile);

    public PidLayout Pid => field ??= new PidLayout(profile);

    public XaNodeLayout XaNode => field ??= new XaNodeLayout(profile);

    public RunQueueLayout RunQueue => field ??= new RunQueueLayout(profile);

    public ModuleTreeLayout ModuleTree => field ??= new ModuleTreeLayout(profile);

    public NamespaceLayout Namespace => field ??= new NamespaceLayout(profile);

    public ControlGroupLayout ControlGroup => field ??= new ControlGroupLayout(profile);
}
