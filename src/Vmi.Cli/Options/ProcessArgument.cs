using System.CommandLine;
using Vmi.Linux;

namespace Vmi.Cli.Options;

/// <summary>The process that a command is about. A new one each time: an argument has one place.</summary>
internal static class ProcessArgument
{
    /// <summary>One that must be given.</summary>
    public static Argument<uint?> One() => new("PID")
    {
        Description = "The process's id, as `vmi ps` lists it.",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = Numbers.Id<uint>,
    };

    /// <summary>One that may be left out: then all processes are meant.</summary>
    public static Argument<uint?> OneOrAll() => new("PID")
    {
        Description = "The process's id, as `vmi ps` lists it; without one, all processes.",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = Numbers.Id<uint>,
    };

    /// <summary>The processes meant by <see cref="OneOrAll"/>.</summary>
    public static IEnumerable<LinuxProcess> Processes(CommandContext context, Argument<uint?> argument) =>
        context.Value(argument) is { } pid ? [context.Process(pid)] : context.Complete(context.Linux.Processes());
}
