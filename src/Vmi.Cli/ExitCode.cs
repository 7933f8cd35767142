namespace Vmi.Cli;

/// <summary>What the command tells whoever started it.</summary>
internal static class ExitCode
{
    public const int Complete = 0;
    public const int Error = 1;
    public const int WrongUsage = 2;

    /// <summary>There is a result, and it is not all: the reason is on the error output.</summary>
    public const int Partial = 3;

    /// <summary>`check` found something, whether or not its result is all there is.</summary>
    public const int Found = 4;

    /// <summary>Ended by a signal, as shells write it for SIGINT.</summary>
    public const int Interrupted = 130;
}
