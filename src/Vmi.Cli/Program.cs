using System.CommandLine;
using Spectre.Console;

namespace Vmi.Cli;

internal static class Program
{
    public static int Main(string[] args)
    {
        var root = new RootCommand("x");
        AnsiConsole.Write(new Table().AddColumn("a").AddRow(new Text("[b]")));
        return root.Parse(args).Invoke();
    }
}
