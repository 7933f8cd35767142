// What a process was started with: dotnet run --project examples/ProcessEnvironment -- TARGET PID
using System.Globalization;
using Vmi;
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var session = LinuxOs.Introspect(target.Core);
using var paused = session.PauseGuard();
var process = paused.State.Os.FindProcess(new ProcessId(uint.Parse(args[1], CultureInfo.InvariantCulture)));
if (process is null)
    return 1;
Console.WriteLine($"{process.ExecutablePath} in {process.WorkingDirectory}: {process.CommandLine}");
foreach (var entry in process.Environment())
    Console.WriteLine(entry);
return 0;
