using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Vmi.Cli.Commands;
using Vmi.Cli.Options;
using Vmi.Cli.Text;

namespace Vmi.Cli;

internal static class Program
{
    public static int Main(string[] args)
    {
        var parsed = new VmiRootCommand().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count == 0)
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });

        var command = parsed.CommandResult.Command;
        ErrorOutput.Write($"{Describe(parsed.Errors[0])} See `{VmiRootCommand.PathOf(command)} --help`.");
        return ExitCode.WrongUsage;
    }

    /// <summary>The parser's own message does not say which argument is missing.</summary>
    private static string Describe(ParseError error) => error.SymbolResult is ArgumentResult { Tokens.Count: 0, Argument: var argument }
        ? $"{argument.Name} is missing."
        : error.Message;
}
