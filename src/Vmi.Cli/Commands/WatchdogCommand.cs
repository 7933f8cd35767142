using System.CommandLine;
using Vmi.Cli.Text;
using Vmi.Targets;

namespace Vmi.Cli.Commands;

/// <summary>`watchdog`: started by the commands that set up events; nobody types it.</summary>
internal sealed class WatchdogCommand : VmiCommand
{
    private readonly Argument<string> _target = new("TARGET");

    public WatchdogCommand()
        : base("watchdog", "Waits until its input ends, and undoes what the process at the other end has left in the VM.")
    {
        Hidden = true;
        Add(_target);
        // Not as other commands: a signal that ends the watched process must not end this one.
        SetAction(parsed =>
        {
            try
            {
                VmiTarget.Watch(parsed.GetValue(_target)!, Console.In);
                return ExitCode.Complete;
            }
            catch (VmiException exception)
            {
                ErrorOutput.Write(exception.Message);
                return ExitCode.Error;
            }
        });
    }

    /// <summary>How it is started.</summary>
    public static IReadOnlyList<string>? CommandLine => Environment.ProcessPath is { } path ? [path, "watchdog"] : null;
}
