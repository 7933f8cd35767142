// Who writes a variable of the kernel, the next five times:
// dotnet run --project examples/WatchVariable -- qemu:/run/vm/qmp.sock jiffies
using Vmi;
using Vmi.Hooks;
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var session = LinuxOs.Introspect(target.Core);
var linux = session.UnderlyingOs;
Va address = linux.FindSymbol(args[1]) ?? throw new ArgumentException($"The kernel has no symbol {args[1]}.");
AddressContext variable = (address, linux.Kernel.TranslationRoot);

session.Handle(_ =>
{
    // What is set up in here is taken back, whatever ends the loop.
    var watchpoints = Watchpoints.For(session);
    watchpoints.Insert(variable, sizeof(ulong), MemoryAccess.Write);
    return new VariableWatch(variable, watchpoints, wanted: 5);
});
