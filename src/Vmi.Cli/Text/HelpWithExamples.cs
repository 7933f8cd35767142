using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Vmi.Cli.Commands;

namespace Vmi.Cli.Text;

/// <summary>The parser's own help, and the command's examples below it.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not VmiCommand { Examples.Count: > 0 } command)
            return ExitCode.Complete;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in command.Examples)
            output.WriteLine($"  {example}");
        output.WriteLine();
        return ExitCode.Complete;
    }
}
