using System.CommandLine;

namespace Vmi.Cli.Commands;

/// <summary>A command with its examples, which its help shows.</summary>
internal abstract class VmiCommand : Command
{
    protected VmiCommand(string name, string description, params string[] examples)
        : base(name, description) => Examples = examples;

    /// <summary>Lines that can be typed as they are, but for the target's name.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>How long the command reads where nothing else is said.</summary>
    protected virtual TimeSpan TimeLimit => Timeout.InfiniteTimeSpan;

    /// <summary>Carries the command out, and turns what goes wrong into one line and an exit code.</summary>
    protected void Runs(Action<CommandContext> action) => SetAction(parsed => CommandContext.Run(parsed, action, TimeLimit));
}
