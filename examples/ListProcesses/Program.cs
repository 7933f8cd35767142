// The processes of a guest: dotnet run --project examples/ListProcesses -- memory.elf
using Vmi.Linux;
using Vmi.Targets;

// A file or a live VM; the kernel and its profile are found.
using var target = VmiTarget.Open(args[0]);                    // "memory.elf", or "qemu:/run/vm/qmp.sock"
var session = LinuxOs.Introspect(target.Core);                 // VmiSession<LinuxOs>
using var paused = session.PauseGuard();                       // on a file: nothing to pause
foreach (LinuxProcess process in paused.State.Os.Processes())
    Console.WriteLine($"{process.Id,6} {process.Name,-16} {process.TranslationRoot}");
