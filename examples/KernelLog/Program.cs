// The kernel's log: dotnet run --project examples/KernelLog -- TARGET
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var session = LinuxOs.Introspect(target.Core);
using var paused = session.PauseGuard();

var log = paused.State.Os.Log();
foreach (var record in log)
    Console.WriteLine($"[{record.Timestamp.TotalSeconds,12:0.000000}] {record.Text}");
if (log.Incomplete is { } reason)
    Console.Error.WriteLine($"Not complete: {reason}");
