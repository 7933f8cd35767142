// Where the threads of a process are in the kernel: dotnet run --project examples/KernelStack -- TARGET PID
using System.Globalization;
using Vmi;
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var session = LinuxOs.Introspect(target.Core);
using var paused = session.PauseGuard();

var pid = new ProcessId(uint.Parse(args[1], CultureInfo.InvariantCulture));
var process = paused.State.Os.FindProcess(pid) ?? throw new ArgumentException($"There is no process {pid}.");
foreach (var thread in process.Threads())
{
    var stack = thread.KernelStack();
    Console.WriteLine($"{thread.Name} ({thread.Id})");
    foreach (var frame in stack)
        Console.WriteLine($"  {frame.StackPointer}  {(frame.IsReliable ? "" : "? ")}{frame}");
    if (stack.Incomplete is { } reason)
        Console.Error.WriteLine($"Not complete: {reason}");
}
