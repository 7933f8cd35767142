// The next ten programs that a guest starts: dotnet run --project examples/ExecWatch -- qemu:/run/vm/qmp.sock
using Vmi;
using Vmi.Hooks;
using Vmi.Linux;
using Vmi.Targets;

using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) => { key.Cancel = true; cancellation.Cancel(); };

using var target = VmiTarget.Open(args[0]);
var session = LinuxOs.Introspect(target.Core);
using var breakpoints = Breakpoints.For(session);
breakpoints.Insert("__x64_sys_execve");
VmiOutcome<int> outcome = session.Handle(_ => new ExecWatch(breakpoints, wanted: 10), cancellation.Token);
// Whatever ended it, the guest is as it was before.
Console.WriteLine(outcome.HasResult ? $"{outcome.Result} programs" : "interrupted");
