using Vmi.Cli.Tests;

namespace Vmi.Live.Tests;

/// <summary>The `vmi` command, ended by Ctrl-C in the middle of its work.</summary>
internal static class InterruptedCommand
{
    private const int Interrupt = 2, Attempts = 10;

    /// <summary>Runs the command and interrupts it once something is so; where that was too late, again.</summary>
    /// <param name="isInTheMiddle">Whether it is at work.</param>
    /// <param name="late">What undoes its work when it was done already.</param>
    /// <param name="arguments">Its arguments.</param>
    public static CommandResult Run(Func<bool> isInTheMiddle, Action late, params string[] arguments)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            using var command = VmiCommandLine.Start(VmiCommandLine.Built, arguments);
            while (!command.HasEnded && !isInTheMiddle())
                Thread.Yield();
            if (!command.HasEnded)
                command.Signal(Interrupt);
            var result = command.End();
            if (result.ExitCode != 0)
                return result;
            late();
        }

        throw new InvalidOperationException("The signal came too late each time.");
    }
}
