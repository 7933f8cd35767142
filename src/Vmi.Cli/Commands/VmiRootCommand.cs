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
        Add(new StackCommand());
        Add(new ModulesCommand());
        Add(new MapsCommand());
        Add(new EnvCommand());
        Add(new FilesCommand());
        Add(new CarveCommand());
        Add(new SocketsCommand());
        Add(new MountsCommand());
        Add(new NamespacesCommand());
        Add(new SyscallsCommand());
        Add(new CheckCommand());
        Add(new DmesgCommand());
        Add(new DumpCommand());
        Add(new ReadCommand());
        Add(new SearchCommand());
        Add(new StringsCommand());
        Add(new WriteCommand());
        Add(new TranslateCommand());
        Add(new SymCommand());
        Add(new TypeCommand());
        Add(new RegistersCommand());
        Add(new DisasmCommand());
        Add(new TraceCommand());
        Add(new BreakCommand());
        Add(new WatchCommand());
        Add(new StepCommand());
        Add(new ProfileCommand());
        Add(new CompletionCommand());
        Add(new SuggestCommand(this));
        Add(new WatchdogCommand());

        var help = new HelpOption { Recursive = true };
        var helpAction = new HelpWithExamples((HelpAction)help.Action!);
        help.Action = helpAction;
        Add(help);
        Add(new VersionOption());
        // Without a command nothing was asked for: wrong usage, but with the help instead of one line.
        SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output = Console.Error;
            helpAction.Invoke(parsed);
            return ExitCode.WrongUsage;
        });
    }

    /// <summary>The words of a command: "vmi profile save".</summary>
    public static string PathOf(Command command)
    {
        var parent = command.Parents.OfType<Command>().FirstOrDefault();
        return parent is null ? command.Name : $"{PathOf(parent)} {command.Name}";
    }
}
