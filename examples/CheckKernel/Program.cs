// Whether somebody changed the kernel: dotnet run --project examples/CheckKernel -- TARGET [VMLINUZ]
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var session = LinuxOs.Introspect(target.Core);
var kernelFile = args.Length > 1 ? LinuxKernelFile.Load(args[1]) : null;
using var paused = session.PauseGuard();
foreach (LinuxCheck check in paused.State.Os.Check(kernelFile))
{
    Console.WriteLine($"{check.Kind}: {(check.Findings.Count > 0 ? "FOUND" : check.WasRun ? "clean" : "not checked")}");
    foreach (var finding in check.Findings)
        Console.WriteLine($"  {finding.Address} {finding.Description}");
    foreach (var reason in check.NotChecked)
        Console.WriteLine($"  not checked: {reason}");
}
