using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Vmi.Bench;

// On a live guest, whose state one measurement hands to the next: no matter for BenchmarkDotNet.
if (args is ["events"])
{
    EventRoundTrips.Run();
    return;
}

if (args is ["speed", .. { Length: <= 1 } file])
{
    SpeedRatios.Run(file is [var path] ? path : null);
    return;
}

if (args is ["commands", var vmi, var pass, var memory, .. var rivals])
{
    CommandRatios.Run(vmi, pass, memory, rivals);
    return;
}

if (args is ["traces"])
{
    TraceStops.Run();
    return;
}

// In this process: rival and product run under the same conditions, and nothing is built aside.
var config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
