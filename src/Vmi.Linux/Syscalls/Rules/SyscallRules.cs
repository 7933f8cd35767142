namespace Vmi.Linux;

/// <summary>
/// What the C types of the parameters don't say: which flags an `int` holds, and which buffers the kernel fills. By the name that programs
/// use and the parameter's place, which never change, where names of parameters do.
/// </summary>
internal static class SyscallRules
{
    public static readonly ConstantDecoder Clock = new(ProcessConstants.Clocks);
    public static readonly ConstantDecoder Signal = new(SignalConstants.Signals);

    private static readonly FlagsDecoder Open = new(FileConstants.Open);
    private static readonly FlagsDecoder At = new(FileConstants.At);
    private static readonly FlagsDecoder Access = new(FileConstants.Access);
    private static readonly FlagsDecoder Protection = new(MemoryConstants.Protection);
    private static readonly FlagsDecoder Message = new(SocketConstants.MessageFlags);
    private static readonly FlagsDecoder Splice = new(FileConstants.Splice);
    private static readonly FlagsDecoder Attribute = new(FileConstants.ExtendedAttribute);
    private static readonly FlagsDecoder ReadWrite = new(FileConstants.ReadWrite);
    private static readonly FlagsDecoder Pipe = new(FileConstants.Pipe);
    private static readonly FlagsDecoder Timer = new(ProcessConstants.Timer);
    private static readonly FlagsDecoder Wait = new(ProcessConstants.Wait);
    private static readonly ConstantDecoder Priority = new(ProcessConstants.Priorities);
    private static readonly ConstantDecoder Scheduler = new(ProcessConstants.Schedulers);
    private static readonly ConstantDecoder Resource = new(ProcessConstants.Resources);
    private static readonly ConstantDecoder Family = new(SocketConstants.Families);
    private static readonly ConstantDecoder Level = new(SocketConstants.Levels);
    private static readonly ConstantDecoder IntervalTimer = new(ProcessConstants.IntervalTimers);
    private static readonly FlagsDecoder SocketType = new(SocketConstants.Type);
    private static readonly TimeDecoder TimeOut = new("tv_nsec", atReturn: true);
    private static readonly NumbersDecoder IntOut = new(1, sizeof(int), atReturn: true);
    private static readonly NumbersDecoder TwoInts = new(2, sizeof(int), atReturn: true);
    private static readonly NumbersDecoder IntIn = new(1, sizeof(int), atReturn: false);
    private static readonly BufferDecoder OptionBytes = new(length: 4, atReturn: false);
    private static readonly NumbersDecoder LongIn = new(1, sizeof(long), atReturn: false);
    private static readonly SignalSetDecoder SetIn = new();
    private static readonly SignalSetDecoder SetOut = new(atReturn: true);
    private static readonly MessageDecoder MessageOut = new(atReturn: true);
    private static readonly StringDecoder PathOut = new(SyscallValueKind.Path, atReturn: true);
    private static readonly ConstantDecoder InetProtocol = new(SocketConstants.InetProtocols);
    private static readonly ConstantDecoder NetlinkProtocol = new(SocketConstants.NetlinkProtocols);
    private static readonly ConstantDecoder SocketOption = new(SocketConstants.Options);
    private static readonly ConstantDecoder TcpOption = new(SocketConstants.TcpOptions);
    private static readonly TimeDecoder Timeout = new("tv_nsec");
    private static readonly FlagsDecoder CloseOnExec = new(FileConstants.CloseOnExec);
    private static readonly FlagsDecoder Seals = new(FileConstants.Seals);
    private static readonly ConstantDecoder Lease = new(FileConstants.LeaseOrLock);

    private static readonly ByArgumentDecoder Protocol = new(SyscallValueKind.Constant, argument: 0, static family => family switch
    {
        SocketConstants.InetFamily or SocketConstants.Inet6Family => InetProtocol,
        SocketConstants.NetlinkFamily => NetlinkProtocol,
        _ => IntegerDecoder.Int,
    });

    private static readonly ByArgumentDecoder Option = new(SyscallValueKind.Constant, argument: 1, static level => level switch
    {
        SocketConstants.SocketLevel => SocketOption,
        SocketConstants.TcpLevel => TcpOption,
        _ => IntegerDecoder.Int,
    });

    // Most options are an int.
    private static readonly ByArgumentDecoder OptionValue = new(SyscallValueKind.Buffer, argument: 4, static length =>
        length == sizeof(int) ? IntIn : OptionBytes);

    private static readonly ByArgumentDecoder ControlArgument = new(SyscallValueKind.Integer, argument: 1, static command =>
        FileControl(command) switch
        {
            "F_SETFL" => Open,
            "F_SETFD" => CloseOnExec,
            "F_ADD_SEALS" => Seals,
            "F_SETSIG" => Signal,
            "F_SETLEASE" => Lease,
            "F_DUPFD" or "F_DUPFD_CLOEXEC" or "F_SETPIPE_SZ" or "F_SETOWN" => IntegerDecoder.Int,
            "F_NOTIFY" => HexDecoder.ULong,
            _ => AddressDecoder.Instance,
        });

    // A timeout, or, where waiters are moved, how many.
    private static readonly ByArgumentDecoder FutexTimeout = new(SyscallValueKind.Structure, argument: 1, static operation =>
        FutexOperation(operation) switch
        {
            "FUTEX_REQUEUE" or "FUTEX_CMP_REQUEUE" or "FUTEX_WAKE_OP" or "FUTEX_CMP_REQUEUE_PI" => IntegerDecoder.UInt,
            "FUTEX_WAKE_BITSET" => AddressDecoder.Instance,
            _ => Timeout,
        });

    private static readonly ByArgumentDecoder ControlName = new(SyscallValueKind.Address, argument: 0, static option =>
        option == ProcessConstants.SetName ? StringDecoder.Text : HexDecoder.ULong);

    private static readonly Dictionary<(string Syscall, int Index), ValueDecoder> Rules = new()
    {
        // Files.
        [("open", 1)] = Open,
        [("openat", 2)] = Open,
        [("openat2", 2)] = OpenHowDecoder.Instance,
        [("open_by_handle_at", 2)] = Open,
        [("lseek", 2)] = new ConstantDecoder(FileConstants.Whence),
        [("access", 1)] = Access,
        [("faccessat", 2)] = Access,
        [("faccessat2", 2)] = Access,
        [("faccessat2", 3)] = new FlagsDecoder(FileConstants.AccessAt),
        [("fchmodat2", 3)] = At,
        [("fchownat", 4)] = At,
        [("linkat", 4)] = At,
        [("newfstatat", 3)] = At,
        [("name_to_handle_at", 4)] = At,
        [("statx", 2)] = At,
        [("statx", 3)] = new FlagsDecoder(FileConstants.Statx),
        [("unlinkat", 2)] = new FlagsDecoder(FileConstants.Unlink),
        [("utimensat", 2)] = new TimeDecoder("tv_nsec", count: 2),
        [("utimensat", 3)] = At,
        [("futimesat", 2)] = new TimeDecoder("tv_usec", count: 2),
        [("utimes", 1)] = new TimeDecoder("tv_usec", count: 2),
        [("renameat2", 4)] = new FlagsDecoder(FileConstants.Rename),
        [("fallocate", 1)] = new FlagsDecoder(FileConstants.Fallocate),
        [("fadvise64", 3)] = new ConstantDecoder(FileConstants.Advice),
        [("flock", 1)] = new FlagsDecoder(FileConstants.Lock),
        [("fcntl", 1)] = new ConstantDecoder(FileConstants.Control),
        [("fcntl", 2)] = ControlArgument,
        [("ioctl", 1)] = HexDecoder.UInt,
        [("ioctl", 2)] = HexDecoder.ULong,
        [("dup3", 2)] = Pipe,
        [("pipe", 0)] = TwoInts,
        [("pipe2", 0)] = TwoInts,
        [("pipe2", 1)] = Pipe,
        [("close_range", 1)] = IntegerDecoder.UInt,
        [("close_range", 2)] = new FlagsDecoder(FileConstants.CloseRange),
        [("getcwd", 0)] = PathOut,
        [("readlink", 1)] = new BufferDecoder(2, atReturn: true, isPath: true),
        [("readlinkat", 2)] = new BufferDecoder(3, atReturn: true, isPath: true),
        [("sendfile", 2)] = LongIn,
        [("splice", 5)] = Splice,
        [("tee", 3)] = Splice,
        [("vmsplice", 3)] = Splice,
        [("readv", 1)] = new VectorDecoder(2, atReturn: true),
        [("preadv", 1)] = new VectorDecoder(2, atReturn: true),
        [("preadv2", 1)] = new VectorDecoder(2, atReturn: true),
        [("preadv2", 5)] = ReadWrite,
        [("pwritev2", 5)] = ReadWrite,
        [("process_vm_readv", 1)] = new VectorDecoder(2, atReturn: true),
        [("process_vm_readv", 3)] = AddressDecoder.Instance,
        [("process_vm_writev", 3)] = AddressDecoder.Instance,
        [("mount", 3)] = new FlagsDecoder(FileConstants.Mount, sizeof(ulong)),
        [("mount", 2)] = StringDecoder.Text,
        [("mount", 4)] = StringDecoder.Text,
        [("umount2", 1)] = new FlagsDecoder(FileConstants.Unmount),
        [("symlink", 0)] = StringDecoder.Path,
        [("symlinkat", 0)] = StringDecoder.Path,
        [("swapon", 0)] = StringDecoder.Path,
        [("swapoff", 0)] = StringDecoder.Path,
        [("acct", 0)] = StringDecoder.Path,
        [("quotactl", 1)] = StringDecoder.Path,
        [("mount", 0)] = StringDecoder.Path,
        [("umount2", 0)] = StringDecoder.Path,
        [("name_to_handle_at", 1)] = StringDecoder.Path,
        [("setxattr", 4)] = Attribute,
        [("lsetxattr", 4)] = Attribute,
        [("fsetxattr", 4)] = Attribute,
        [("inotify_init1", 0)] = new FlagsDecoder(FileConstants.InotifyDescriptor),
        [("inotify_add_watch", 2)] = new FlagsDecoder(FileConstants.Inotify),
        [("memfd_create", 1)] = new FlagsDecoder(MemoryConstants.MemoryFile),
        [("eventfd2", 1)] = new FlagsDecoder(FileConstants.EventDescriptor),
        [("signalfd", 1)] = SetIn,
        [("signalfd4", 1)] = SetIn,
        [("signalfd4", 3)] = new FlagsDecoder(FileConstants.SignalDescriptor),
        [("timerfd_create", 0)] = Clock,
        [("timerfd_create", 1)] = new FlagsDecoder(FileConstants.TimerDescriptor),
        [("timerfd_settime", 1)] = new FlagsDecoder(ProcessConstants.TimerDescriptor),
        [("epoll_create1", 0)] = new FlagsDecoder(PollConstants.EpollCreate),
        [("epoll_ctl", 1)] = new ConstantDecoder(PollConstants.EpollOperations),
        [("epoll_ctl", 3)] = EpollEventDecoder.Instance,
        [("epoll_wait", 1)] = EpollDecoder.Instance,
        [("epoll_pwait", 1)] = EpollDecoder.Instance,
        [("epoll_pwait2", 1)] = EpollDecoder.Instance,
        [("umask", 0)] = OctalDecoder.Instance,

        // Memory.
        [("mmap", 2)] = Protection,
        [("mmap", 3)] = new FlagsDecoder(MemoryConstants.Map),
        [("mmap", 4)] = DescriptorDecoder.Instance,
        [("mmap", 5)] = HexDecoder.ULong,
        [("mprotect", 2)] = Protection,
        [("pkey_mprotect", 2)] = Protection,
        [("mremap", 3)] = new FlagsDecoder(MemoryConstants.Remap),
        [("mremap", 4)] = AddressDecoder.Instance,
        [("msync", 2)] = new FlagsDecoder(MemoryConstants.Sync),
        [("madvise", 2)] = new ConstantDecoder(MemoryConstants.Advice),
        [("process_madvise", 1)] = AddressDecoder.Instance,
        [("process_madvise", 3)] = new ConstantDecoder(MemoryConstants.Advice),
        [("mlock2", 2)] = new FlagsDecoder(MemoryConstants.Lock2),
        [("mlockall", 0)] = new FlagsDecoder(MemoryConstants.LockAll),
        [("shmat", 2)] = new FlagsDecoder(MemoryConstants.SharedAttach),

        // Processes, threads, signals.
        [("clone", 0)] = new FlagsDecoder(ProcessConstants.CloneWithSignal, sizeof(ulong)),
        [("clone3", 0)] = CloneArgumentsDecoder.Instance,
        [("unshare", 0)] = new FlagsDecoder(ProcessConstants.Clone, sizeof(ulong)),
        [("setns", 1)] = new FlagsDecoder(ProcessConstants.Clone),
        [("execve", 0)] = StringDecoder.Path,
        [("execveat", 4)] = At,
        [("wait4", 1)] = WaitStatusDecoder.Instance,
        [("wait4", 2)] = Wait,
        [("waitid", 0)] = new ConstantDecoder(ProcessConstants.WaitFor),
        [("waitid", 3)] = Wait,
        [("prctl", 0)] = new ConstantDecoder(ProcessConstants.Control),
        [("prctl", 1)] = ControlName,
        [("prctl", 2)] = HexDecoder.ULong,
        [("prctl", 3)] = HexDecoder.ULong,
        [("prctl", 4)] = HexDecoder.ULong,
        [("arch_prctl", 0)] = new ConstantDecoder(ProcessConstants.ArchControl),
        [("arch_prctl", 1)] = HexDecoder.ULong,
        [("ptrace", 0)] = new ConstantDecoder(ProcessConstants.Trace),
        [("ptrace", 2)] = AddressDecoder.Instance,
        [("ptrace", 3)] = AddressDecoder.Instance,
        [("futex", 1)] = new FlagsDecoder(ProcessConstants.FutexOperation),
        [("futex", 3)] = FutexTimeout,
        [("futex", 5)] = HexDecoder.UInt,
        [("getrlimit", 0)] = Resource,
        [("setrlimit", 0)] = Resource,
        [("prlimit64", 1)] = Resource,
        [("getrusage", 0)] = new ConstantDecoder(ProcessConstants.Usage),
        [("getpriority", 0)] = Priority,
        [("setpriority", 0)] = Priority,
        [("sched_setscheduler", 1)] = Scheduler,
        [("sched_get_priority_max", 0)] = Scheduler,
        [("sched_get_priority_min", 0)] = Scheduler,
        [("seccomp", 0)] = new ConstantDecoder(ProcessConstants.Seccomp),
        [("getrandom", 2)] = new FlagsDecoder(ProcessConstants.Random),
        [("kill", 1)] = Signal,
        [("rt_sigprocmask", 0)] = new ConstantDecoder(SignalConstants.Masking),
        [("rt_sigprocmask", 1)] = SetIn,
        [("rt_sigprocmask", 2)] = SetOut,
        [("rt_sigpending", 0)] = SetOut,
        [("rt_sigsuspend", 0)] = SetIn,
        [("rt_sigtimedwait", 0)] = SetIn,
        [("reboot", 0)] = HexDecoder.UInt,
        [("reboot", 1)] = HexDecoder.UInt,
        [("reboot", 2)] = new ConstantDecoder(ProcessConstants.Reboot),
        [("finit_module", 2)] = new FlagsDecoder(ProcessConstants.LoadModule),
        [("init_module", 0)] = AddressDecoder.Instance,
        [("sethostname", 0)] = new BufferDecoder(1, atReturn: false),
        [("setdomainname", 0)] = new BufferDecoder(1, atReturn: false),

        // Time.
        [("clock_gettime", 1)] = TimeOut,
        [("clock_getres", 1)] = TimeOut,
        [("clock_nanosleep", 1)] = Timer,
        [("clock_nanosleep", 3)] = AddressDecoder.Instance,
        [("nanosleep", 1)] = AddressDecoder.Instance,
        [("gettimeofday", 0)] = new TimeDecoder("tv_usec", atReturn: true),
        [("sched_rr_get_interval", 1)] = TimeOut,
        [("timer_settime", 1)] = Timer,
        [("getitimer", 0)] = IntervalTimer,
        [("setitimer", 0)] = IntervalTimer,

        // Sockets.
        [("socket", 0)] = Family,
        [("socket", 1)] = SocketType,
        [("socket", 2)] = Protocol,
        [("socketpair", 0)] = Family,
        [("socketpair", 1)] = SocketType,
        [("socketpair", 2)] = Protocol,
        [("socketpair", 3)] = TwoInts,
        [("accept", 2)] = IntOut,
        [("accept4", 2)] = IntOut,
        [("accept4", 3)] = new FlagsDecoder(SocketConstants.Accept),
        [("getsockname", 2)] = IntOut,
        [("getpeername", 2)] = IntOut,
        [("sendto", 1)] = new BufferDecoder(2, atReturn: false),
        [("sendto", 3)] = Message,
        [("recvfrom", 3)] = Message,
        [("recvfrom", 5)] = IntOut,
        [("sendmsg", 2)] = Message,
        [("recvmsg", 1)] = MessageOut,
        [("recvmsg", 2)] = Message,
        [("sendmmsg", 3)] = Message,
        [("recvmmsg", 3)] = Message,
        [("shutdown", 1)] = new ConstantDecoder(SocketConstants.Shutdown),
        [("setsockopt", 1)] = Level,
        [("setsockopt", 2)] = Option,
        [("setsockopt", 3)] = OptionValue,
        [("getsockopt", 1)] = Level,
        [("getsockopt", 2)] = Option,
        [("getsockopt", 3)] = AddressDecoder.Instance,
        [("getsockopt", 4)] = IntOut,
    };

    /// <summary>The decoder for one parameter; null if its type says enough.</summary>
    public static ValueDecoder? Find(string syscall, int index) => Rules.GetValueOrDefault((syscall, index));

    /// <summary>How many arguments mean something: the last ones are looked at for some values of those before only.</summary>
    public static int ShownArguments(string syscall, in SyscallRegisters registers) => syscall switch
    {
        "open" => Creates(registers[1]) ? 3 : 2,
        "openat" => Creates(registers[2]) ? 4 : 3,
        "fcntl" => FileControl((uint)registers[1]) is "F_GETFD" or "F_GETFL" or "F_GETOWN" or "F_GETSIG" or "F_GETLEASE" or "F_GETPIPE_SZ"
            or "F_GET_SEALS" ? 2 : 3,
        "mremap" => (registers[3] & 2) != 0 ? 5 : 4,
        "futex" => FutexOperation((uint)registers[1]) switch
        {
            "FUTEX_WAKE" or "FUTEX_FD" => 3,
            "FUTEX_WAIT" or "FUTEX_LOCK_PI" or "FUTEX_LOCK_PI2" => 4,
            "FUTEX_UNLOCK_PI" or "FUTEX_TRYLOCK_PI" => 2,
            _ => SyscallRegisters.Count,
        },
        _ => SyscallRegisters.Count,
    };

    private static bool Creates(ulong flags) => (flags & FileConstants.CreatesFile) != 0;

    /// <summary>Without the bits that don't change what it does.</summary>
    private static string? FutexOperation(uint operation) =>
        ProcessConstants.Futex.TryGetName(operation & 0x7f, out var name) ? name : null;

    private static string? FileControl(uint command) => FileConstants.Control.TryGetName(command, out var name) ? name : null;
}
