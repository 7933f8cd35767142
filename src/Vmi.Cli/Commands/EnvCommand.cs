using System.CommandLine;
using Vmi.Cli.Json;
using Vmi.Cli.Options;

namespace Vmi.Cli.Commands;

/// <summary>`env`: the environment of a process.</summary>
internal sealed class EnvCommand : TargetCommand
{
    private readonly Argument<uint?> _pid = ProcessArgument.One();

    public EnvCommand()
        : base(
            "env",
            "Shows the environment that a process was started with, as its /proc/PID/environ does.",
            "vmi env memory.elf 1",
            "vmi env memory.elf 1 --json") =>
        Add(_pid);

    protected override void Run(CommandContext context)
    {
        _ = context.Linux;
        var pid = context.Value(_pid)!.Value;
        var entries = context.Still(() => context.Complete(context.Process(pid).Environment()));
        if (context.IsJson)
            context.Output.Json([.. entries.Select(Describe)], CliJson.Default.IReadOnlyListEnvironmentJson);
        else
            foreach (var entry in entries)
                context.Output.Line(entry);
    }

    private static EnvironmentJson Describe(string entry)
    {
        var sign = entry.IndexOf('=');
        return sign < 0 ? new EnvironmentJson(entry, null) : new EnvironmentJson(entry[..sign], entry[(sign + 1)..]);
    }
}
