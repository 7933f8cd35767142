// The processes of a guest whose memory is in several files, by a driver of one's own:
// dotnet run --project examples/WriteADriver -- folder
using Vmi;
using Vmi.Linux;

using var driver = new PartsDriver(args[0]);
using var core = new VmiCore(driver);
var session = LinuxOs.Introspect(core);
using var paused = session.PauseGuard();
foreach (LinuxProcess process in paused.State.Os.Processes())
    Console.WriteLine($"{process.Id,6} {process.Name}");
