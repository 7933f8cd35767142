using System.CommandLine;

namespace Vmi.Cli.Commands;

/// <summary>`trace syscalls`: all calls, or those named.</summary>
internal sealed class TraceSyscallsCommand : TracingCommand
{
    private readonly Option<string[]?> _syscalls = new("--syscall")
    {
        Description = "Only these calls, by the names that programs use, with commas between them. Others run without a stop.",
        HelpName = "NAME[,NAME]",
        CustomParser = result =>
        {
            var names = result.Tokens[0].Value.Split(',');
            if (names.Contains(""))
                result.AddError($"'{result.Tokens[0].Value}' is no list of names: write openat,close.");
            return names;
        },
    };

    public TraceSyscallsCommand()
        : base(
            "syscalls",
            "Shows each system call with its arguments and its result, when it has returned.",
            "vmi trace syscalls qemu:/run/vm/qmp.sock --pid 812 --count 100",
            "vmi trace syscalls qemu:/run/vm/qmp.sock --name nginx --syscall openat,close --for 10s",
            "vmi trace syscalls libvirt:debian --json") =>
        Add(_syscalls);

    // What was not given is an empty array.
    protected override IReadOnlyCollection<string>? Syscalls(CommandContext context) =>
        context.Value(_syscalls) is { Length: > 0 } names ? names : null;
}
