namespace Vmi.Cli.Commands;

/// <summary>`trace exec`: the programs that are executed.</summary>
internal sealed class TraceExecCommand()
    : TracingCommand(
        "exec",
        "Shows each program that is executed, or was to be: its path, its arguments, and whether it began.",
        "vmi trace exec qemu:/run/vm/qmp.sock",
        "vmi trace exec qemu:/run/vm/qmp.sock --json --for 1m")
{
    protected override IReadOnlyCollection<string> Syscalls(CommandContext context) => ["execve", "execveat"];
}
