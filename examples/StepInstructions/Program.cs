// The first twenty instructions of a function of the kernel, the next time it is called:
// dotnet run --project examples/StepInstructions -- qemu:/run/vm/qmp.sock schedule
using Vmi.Amd64;
using Vmi.Hooks;
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var session = LinuxOs.Introspect(target.Core);
using var breakpoints = Breakpoints.For(session);
breakpoints.Insert(args[1]);
session.MonitorEnable(new Amd64Monitor.Singlestep());
session.Handle(_ => new Stepper(breakpoints, wanted: 20));
