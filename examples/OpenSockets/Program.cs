// Who speaks with whom: dotnet run --project examples/OpenSockets -- TARGET
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var session = LinuxOs.Introspect(target.Core);
using var paused = session.PauseGuard();
foreach (LinuxProcess process in paused.State.Os.Processes())
{
    foreach (var socket in process.Sockets().Where(socket => socket.Local is not null))
        Console.WriteLine($"{process.Id,6} {process.Name,-16} {socket.Type} {socket.Local} -> {socket.Remote} {socket.State}");
}
