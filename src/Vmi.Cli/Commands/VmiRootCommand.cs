using System.CommandLine;
using System.CommandLine.Help;
using Vmi.Cli.Options;
using Vmi.Cli.Text;

namespace Vmi.Cli.Commands;

/// <summary>`vmi` itself. No <see cref="RootCommand"/>: that takes its name from the program's file.</summary>
internal sealed class VmiRootCommand : VmiCommand
{
    public VmiRootCommand()
        : base(
            "vmi",
            "Looks into a virtual machine from outside: a memory file or a running VM. Nothing has to be installed or set up in it.",
            "vmi list",
            "vmi ps memory.elf",
            "vmi ps qemu:/run/vm/qmp.sock --json",
            "vmi COMMAND --help")
    {
        Add(new ListCommand());
        Add(new InfoCommand());
        Add(new PsCommand());
        Add(new ThreadsCommand());
        Add(new ModulesCommand());
        Add(new MapsCommand());
        Add(new DmesgCommand());
        Add(new ReadCommand());
        Add(new WriteCommand());
        Add(new TranslateCommand());
        Add(new SymCommand());
        Add(new TypeCommand());
        Add(new RegistersCommand());
        Add(new DisasmCommand());
        Add(new ProfileCommand());

        var help = new HelpOption { Recursive = true };
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        Add(help);
        Add(new VersionOption());
        // Without a command nothing was asked for: wrong usage, but with the help instead of one line.
        SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output = Console.Error;
            help.Action.Invoke(parsed);
            return ExitCode.WrongUsage;
        });
    }

    /// <summary>The words of a command behind `vmi`: "profile save".</summary>
    public static string PathOf(Command command)
    {
        var words = new List<string>();
        for (var at = command; at is not VmiRootCommand; at = at.Parents.OfType<Command>().First())
            words.Insert(0, at.Name);
        return string.Join(' ', words);
    }
}
