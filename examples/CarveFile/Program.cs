// A file out of the guest's page cache: dotnet run --project examples/CarveFile -- TARGET /bin/busybox OUTPUT
using Vmi;
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var session = LinuxOs.Introspect(target.Core);
using var paused = session.PauseGuard();
// As the first process sees it; for a container, a process in it.
var process = paused.State.Os.FindProcess(new ProcessId(1))!;
if (!process.TryFindFile(args[1], out var file, out var reason))
{
    Console.Error.WriteLine(reason);
    return 1;
}

using var output = File.Create(args[2]);
var missing = file.Content().CopyTo(output);
foreach (var range in missing)
    Console.WriteLine($"not in memory: {range.Length} bytes from {range.Offset} on");
return missing.Count == 0 ? 0 : 3;
