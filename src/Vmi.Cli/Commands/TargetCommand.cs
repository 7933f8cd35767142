using Vmi.Cli.Options;

namespace Vmi.Cli.Commands;

/// <summary>A command on one VM or memory file.</summary>
internal abstract class TargetCommand : VmiCommand
{
    protected TargetCommand(string name, string description, params string[] examples)
        : base(name, description, examples)
    {
        Add(CommonOptions.Target);
        Runs(Run);
        Add(CommonOptions.Json);
        Add(CommonOptions.Verbose);
        Add(CommonOptions.NoPause);
        Add(CommonOptions.TimeLimit);
        Add(CommonOptions.Profile);
        Add(CommonOptions.Kernel);
        Add(CommonOptions.KernelRoot);
    }

    /// <summary>
    /// Enough for what an honest guest holds; a hostile one decides how long its lists are. A command that passes over all memory
    /// overrides it: that is as long as it is.
    /// </summary>
    protected override TimeSpan TimeLimit => TimeSpan.FromMinutes(5);

    /// <summary>The command itself, on the public API.</summary>
    protected abstract void Run(CommandContext context);
}
