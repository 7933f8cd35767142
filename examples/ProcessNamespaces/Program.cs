// Which processes are in a container: in other namespaces than the first process. dotnet run --project examples/ProcessNamespaces -- TARGET
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var session = LinuxOs.Introspect(target.Core);
using var paused = session.PauseGuard();

var processes = paused.State.Os.Processes();
var first = processes.First(process => process.Id.Value == 1).Namespaces();
foreach (var process in processes)
{
    var own = process.Namespaces();
    if (own.Mount != first.Mount || own.Pid != first.Pid || own.Network != first.Network)
        Console.WriteLine($"{process.Id,6} {process.Name,-16} pid there {own.Pids.LastOrDefault()}, control group {own.ControlGroup}");
}
