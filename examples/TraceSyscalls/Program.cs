// Who opens which files in a running VM: dotnet run --project examples/TraceSyscalls -- qemu:/run/vm/qmp.sock
using Vmi.Hooks;
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var session = LinuxOs.Introspect(target.Core);
using var ending = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = true;                                         // the guest is restored, then this ends
    ending.Cancel();
};

// Each call once, when it has returned: "109/109 calls: openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3".
var options = new SyscallTraceOptions { Syscalls = ["open", "openat", "openat2"] };
session.Handle(guest => new SyscallTracer(guest, options, Console.WriteLine), ending.Token);
