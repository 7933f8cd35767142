// System calls and interrupts that are handled outside of the kernel's text: dotnet run --project examples/HookedHandlers -- TARGET
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var session = LinuxOs.Introspect(target.Core);
using var paused = session.PauseGuard();
foreach (var handler in paused.State.Os.Handlers().Where(handler => !handler.IsInKernelText))
    Console.WriteLine($"{handler.Table} {handler.Number}: {handler.Address} in {handler.Module ?? "no module"}");
