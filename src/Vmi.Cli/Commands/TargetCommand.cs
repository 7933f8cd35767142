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
        Add(CommonOptions.Profile);
        Add(CommonOptions.Kernel);
        Add(CommonOptions.KernelRoot);
    }

    /// <summary>The command itself, on the public API.</summary>
    protected abstract void Run(CommandContext context);
}
