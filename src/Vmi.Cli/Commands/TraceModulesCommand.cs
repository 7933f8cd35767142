using Vmi.Cli.Events;
using Vmi.Cli.Json;
using Vmi.Cli.Text;
using Vmi.Hooks;

namespace Vmi.Cli.Commands;

/// <summary>`trace modules`: the modules that are loaded and removed.</summary>
internal sealed class TraceModulesCommand()
    : TracingCommand(
        "modules",
        "Shows each module that is loaded or removed, or was to be, with its name where the kernel came to know it.",
        "vmi trace modules qemu:/run/vm/qmp.sock",
        "vmi trace modules qemu:/run/vm/qmp.sock --json --count 1")
{
    protected override IReadOnlyCollection<string> Syscalls(CommandContext context) => ["init_module", "finit_module", "delete_module"];

    protected override void WriteJson(Output output, TracedSyscall traced) => output.JsonLine(
        new ModuleTraceJson(
            EventTime.Json(traced.Time), traced.Vcpu.Value, traced.Task.Process.Value, traced.Task.Thread.Value, traced.Task.Name,
            traced.Call.Syscall.Name, ArgumentTexts(traced), traced.Call.Result, traced.Call.Error, traced.Module),
        CliJson.Default.ModuleTraceJson);

    protected override string Describe(TracedSyscall traced) =>
        traced.Module is { } module ? $"{base.Describe(traced)} [{module}]" : base.Describe(traced);
}
