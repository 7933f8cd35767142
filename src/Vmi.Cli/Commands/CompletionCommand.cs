using System.CommandLine;
using Vmi.Cli.Completion;

namespace Vmi.Cli.Commands;

/// <summary>`completion`: a script for the shell.</summary>
internal sealed class CompletionCommand : VmiCommand
{
    private readonly Argument<string> _shell = new("SHELL")
    {
        Description = $"Which shell: {string.Join(", ", CompletionScripts.All.Keys)}.",
        HelpName = "SHELL",
    };

    public CompletionCommand()
        : base(
            "completion",
            "Prints a script that teaches a shell to complete commands, options, their values and the running VMs.",
            "vmi completion bash > /etc/bash_completion.d/vmi",
            "vmi completion zsh",
            "vmi completion fish")
    {
        _shell.AcceptOnlyFromAmong([.. CompletionScripts.All.Keys]);
        Add(_shell);
        SetAction(parsed => Console.Out.WriteLine(CompletionScripts.All[parsed.GetValue(_shell)!]));
    }
}
