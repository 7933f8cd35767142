using System.CommandLine;
using System.CommandLine.Invocation;
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
        ErrorOutput.Write($"{parsed.Errors[0].Message} See `{VmiRootCommand.PathOf(command)} --help`.");
        return ExitCode.WrongUsage;
    }
}
