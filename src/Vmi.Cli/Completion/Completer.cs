using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;

namespace Vmi.Cli.Completion;

/// <summary>
/// Finds what may stand next on a command line. The parser's own completion offers what an argument takes also where that argument is
/// given already, so only its symbols are used.
/// </summary>
internal sealed class Completer
{
    private readonly List<Option> _given = [];
    private Command _command;
    private Option? _waiting;
    private int _arguments;

    private Completer(Command root) => _command = root;

    /// <summary>The suggestions for the last word of a line, which may be empty.</summary>
    /// <param name="root">The command that the line begins with, by whatever name.</param>
    /// <param name="line">The line up to the cursor.</param>
    public static IEnumerable<Suggestion> Complete(Command root, string line)
    {
        var words = CommandLineParser.SplitCommandLine(line).ToList();
        var last = line.Length == 0 || char.IsWhiteSpace(line[^1]) || words.Count == 0 ? "" : words[^1];
        if (last.Length > 0)
            words.RemoveAt(words.Count - 1);
        var completer = new Completer(root);
        foreach (var word in words.Skip(1))
            completer.Pass(word);
        return completer.Suggest(last).Where(each => each == Suggestion.Files || each.Word.StartsWith(last, StringComparison.Ordinal));
    }

    /// <summary>Passes over a word that is complete.</summary>
    private void Pass(string word)
    {
        if (_waiting is not null)
        {
            _waiting = null;
        }
        else if (word.StartsWith('-'))
        {
            var name = word.Split('=')[0];
            if (Options().FirstOrDefault(each => each.Name == name || each.Aliases.Contains(name)) is not { } option)
                return;
            _given.Add(option);
            _waiting = name == word && TakesValue(option) ? option : null;
        }
        else if (_command.Subcommands.FirstOrDefault(each => each.Name == word) is { } below)
        {
            _command = below;
        }
        else
        {
            _arguments++;
        }
    }

    private IEnumerable<Suggestion> Suggest(string word)
    {
        if (_waiting is not null)
            return Values(_waiting, _waiting.HelpName, "");
        if (word.IndexOf('=') is > 0 and var equals && word[0] == '-')
        {
            return Options().Where(each => each.Name == word[..equals])
                .SelectMany(each => Values(each, each.HelpName, word[..(equals + 1)]));
        }

        if (word.StartsWith('-'))
        {
            return Options().Where(each => !each.Hidden && !_given.Contains(each))
                .Select(each => new Suggestion(each.Name, each.Description));
        }

        if (_command.Subcommands.Count > 0)
            return _command.Subcommands.Where(each => !each.Hidden).Select(each => new Suggestion(each.Name, each.Description));
        return _arguments < _command.Arguments.Count
            ? Values(_command.Arguments[_arguments], _command.Arguments[_arguments].Name, "")
            : [];
    }

    private IEnumerable<Option> Options() => _command.Options.Concat(
        _command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Where(option => option.Recursive));

    private static bool TakesValue(Option option) => option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool);

    private static IEnumerable<Suggestion> Values(Symbol symbol, string? name, string before)
    {
        var values = symbol.GetCompletions(CompletionContext.Empty).Select(each => new Suggestion(before + each.Label, each.Detail));
        // A target may be a file as well as what runs.
        return name is "FILE" or "TARGET" ? values.Append(Suggestion.Files) : values;
    }
}
