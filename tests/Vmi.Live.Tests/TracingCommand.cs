using System.Collections.Concurrent;
using System.Text.Json;
using Vmi.Cli.Tests;

namespace Vmi.Live.Tests;

/// <summary>A command that traces with `--json`, whose lines are read as they come.</summary>
internal sealed class TracingCommand : IDisposable
{
    private const int InterruptSignal = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly VmiCommandLine _command;
    private readonly Action _afterwards;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Task _reading;

    /// <param name="arguments">The command line.</param>
    /// <param name="afterwards">What is checked once it has ended.</param>
    public TracingCommand(string[] arguments, Action afterwards)
    {
        _afterwards = afterwards;
        _command = VmiCommandLine.Start(VmiCommandLine.Built, arguments);
        _reading = Task.Run(() =>
        {
            using var reader = new StreamReader(_command.Output, leaveOpen: true);
            while (reader.ReadLine() is { } line)
                _lines.Enqueue(line);
        });
    }

    /// <summary>When it was started.</summary>
    public DateTimeOffset Begin { get; } = DateTimeOffset.UtcNow;

    /// <summary>Does something again and again until a line tells that the trace has begun.</summary>
    public void WaitForFirst(Action action)
    {
        for (var end = DateTime.UtcNow + Patience; _lines.IsEmpty;)
        {
            Assert.False(_command.HasEnded, "The command has ended.");
            Assert.True(DateTime.UtcNow < end, "No line came.");
            action();
        }
    }

    /// <summary>Ends it as Ctrl-C does, and gives all its lines.</summary>
    public IReadOnlyList<JsonElement> Interrupt(int exitCode)
    {
        _command.Signal(InterruptSignal);
        Assert.True(_reading.Wait(Patience), "The command does not end.");
        var result = _command.End();
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Error));
        _afterwards();
        return [.. _lines.Select(line => JsonDocument.Parse(line).RootElement)];
    }

    public void Dispose() => _command.Dispose();
}
