namespace Vmi.Cli.Commands;

/// <summary>`trace`: what the programs of a running guest ask of their kernel.</summary>
internal sealed class TraceCommand : VmiCommand
{
    public TraceCommand()
        : base(
            "trace",
            "Shows the system calls of a running guest as they happen.",
            "vmi trace syscalls qemu:/run/vm/qmp.sock --pid 812",
            "vmi trace exec qemu:/run/vm/qmp.sock")
    {
        Add(new TraceSyscallsCommand());
        Add(new TraceExecCommand());
        Add(new TraceFilesCommand());
        Add(new TraceModulesCommand());
    }
}
