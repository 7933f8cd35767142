using System.CommandLine;
using Vmi.Cli.Events;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;
using Vmi.Hooks;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>A command that shows system calls, each when it has returned.</summary>
internal abstract class TracingCommand : EventCommand
{
    private readonly Option<uint?> _pid = CommonOptions.Pid("Only the calls of this process.");

    private readonly Option<string?> _name = new("--name")
    {
        Description = "Only the calls of threads of this name.",
        HelpName = "NAME",
    };

    protected TracingCommand(string name, string description, params string[] examples)
        : base(name, "calls", description, examples)
    {
        Add(_pid);
        Add(_name);
    }

    /// <summary>The calls wanted; null for all.</summary>
    protected abstract IReadOnlyCollection<string>? Syscalls(CommandContext context);

    /// <summary>A line of JSON for a call.</summary>
    protected virtual void WriteJson(Output output, TracedSyscall traced) => output.JsonLine(
        new TraceJson(
            EventTime.Json(traced.Time), traced.Vcpu.Value, traced.Task.Process.Value, traced.Task.Thread.Value, traced.Task.Name,
            traced.Call.Syscall.Name, ArgumentTexts(traced), traced.Call.Result, traced.Call.Error),
        CliJson.Default.TraceJson);

    /// <summary>What a row says of a call.</summary>
    protected virtual string Describe(TracedSyscall traced) => traced.Call.Result is null ? $"{traced.Call} = ?" : traced.Call.ToString();

    protected override void Run(CommandContext context)
    {
        var pid = context.Value(_pid);
        if (pid is { } wanted)
            _ = context.Process(wanted);
        var options = new SyscallTraceOptions
        {
            Syscalls = Syscalls(context),
            Process = pid is { } id ? new ProcessId(id) : null,
            Name = context.Value(_name),
            Count = Count(context),
        };
        var table = new EventTable(
            context.Output, ("TIME", 15), (Column.Number("VCPU"), 4), (Column.Number("PID"), 6), (Column.Number("TID"), 6), ("NAME", 15),
            ("CALL", 0));
        SyscallTracer? tracer = null;
        Follow(context, session => tracer = new SyscallTracer(session, options, traced =>
        {
            if (context.IsJson)
                WriteJson(context.Output, traced);
            else
                AddRow(table, traced);
        }));
        if (tracer is { Unreadable: > 0 and var unreadable })
            context.Missing($"{unreadable} calls could not be read");
    }

    /// <summary>As strace(1) shows them, but paths and other strings as they are.</summary>
    protected static IReadOnlyList<string> ArgumentTexts(TracedSyscall traced) =>
        [.. traced.Call.Arguments.Select(argument => argument.Content ?? argument.Text)];

    private void AddRow(EventTable table, TracedSyscall traced) => table.Add(
        EventTime.Text(traced.Time),
        NumberText.Decimal(traced.Vcpu.Value),
        NumberText.Decimal(traced.Task.Process.Value),
        NumberText.Decimal(traced.Task.Thread.Value),
        traced.Task.Name,
        Describe(traced));
}
