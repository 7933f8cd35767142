using System.CommandLine;
using Vmi.Cli.Options;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>A command that shows events of a running VM as they happen, until it is told to end; then the VM is as it was.</summary>
internal abstract class EventCommand : TargetCommand
{
    private readonly Option<int?> _count;
    private readonly Option<TimeSpan?> _for = new("--for")
    {
        Description = "End after this time: 500ms, 10s, 2m, 1h.",
        HelpName = "DURATION",
        CustomParser = Durations.Parse,
    };

    /// <param name="name">Its name.</param>
    /// <param name="events">What is counted: "hits".</param>
    /// <param name="description">What it does.</param>
    /// <param name="examples">Lines that can be typed.</param>
    protected EventCommand(string name, string events, string description, params string[] examples)
        : base(name, description, examples)
    {
        _count = new Option<int?>("--count")
        {
            Description = $"End after this many {events}.",
            HelpName = "N",
            CustomParser = result => Numbers.Count(int.MaxValue)(result),
        };
        Add(_count);
        Add(_for);
        // What is set up in a VM is set up while it stands still.
        Options.Remove(CommonOptions.NoPause);
        // It ends when it is told to.
        Options.Remove(CommonOptions.TimeLimit);
    }

    protected override TimeSpan TimeLimit => Timeout.InfiniteTimeSpan;

    /// <summary>After how many events it ends; more than there will be if nothing was said.</summary>
    protected long Count(CommandContext context) => context.Value(_count) ?? long.MaxValue;

    /// <summary>Delivers events to a handler until it has a result, the time is up, or a signal comes.</summary>
    protected void Follow<T>(CommandContext context, Func<VmiSession<LinuxOs>, VmiHandler<LinuxOs, T>> handlerFactory) =>
        context.Follow(context.Value(_for), handlerFactory);
}
