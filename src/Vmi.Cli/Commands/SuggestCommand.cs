using System.CommandLine;
using Vmi.Cli.Completion;
using Vmi.Cli.Text;

namespace Vmi.Cli.Commands;

/// <summary>`suggest`: asked by the scripts of `completion`; nobody types it.</summary>
internal sealed class SuggestCommand : VmiCommand
{
    private readonly Argument<string> _line = new("LINE");

    public SuggestCommand(Command root)
        : base("suggest", "Lists what may stand next on a command line, each with its description behind a tab.")
    {
        Hidden = true;
        Add(_line);
        SetAction(parsed =>
        {
            foreach (var (word, description) in Completer.Complete(root, parsed.GetValue(_line)!))
                Console.Out.WriteLine(SafeText.Escape(word) + (description is null ? "" : $"\t{SafeText.Escape(description)}"));
        });
    }
}
