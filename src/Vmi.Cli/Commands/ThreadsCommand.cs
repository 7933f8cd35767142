using System.CommandLine;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>`threads`: all threads, or those of one process.</summary>
internal sealed class ThreadsCommand : TargetCommand
{
    private readonly Option<uint?> _pid = CommonOptions.Pid("Only the threads of this process.");
    private readonly Option<bool> _tree = new("--tree") { Description = "Draw each process with its threads. JSON stays a list." };

    public ThreadsCommand()
        : base(
            "threads",
            "Lists the threads of all processes, or of one.",
            "vmi threads memory.elf",
            "vmi threads memory.elf --pid 1",
            "vmi threads memory.elf --tree")
    {
        Add(_pid);
        Add(_tree);
    }

    protected override void Run(CommandContext context)
    {
        var linux = context.Linux;
        var threads = context.Still(() =>
        {
            IEnumerable<LinuxProcess> processes =
                context.Value(_pid) is { } pid ? [context.Process(pid)] : context.Complete(linux.Processes());
            var functions = context.Complete(linux.KernelThreads()).ToDictionary(each => each.Thread.Object);
            return processes.SelectMany(process => context.Complete(process.Threads(), $"process {process.Id}")
                .Select(thread => Describe(process, thread, functions.GetValueOrDefault(thread.Object)))).ToList();
        });
        if (context.IsJson)
        {
            context.Output.Json(threads, CliJson.Default.IReadOnlyListThreadJson);
            return;
        }

        var table = new TextTable(
            Column.Number("PID"), Column.Number("TID"), Column.Number("UID"), "STATE", Column.Number("START"), "ADDRESS", "NAME", "RUNS");
        var lines = context.Value(_tree)
            ? Tree.Arrange(threads, each => each.Tid, each => each.Tid == each.Tgid ? (uint?)null : each.Tgid)
            : threads.Select(each => (each, ""));
        foreach (var (thread, branch) in lines)
        {
            table.Add(
                NumberText.Decimal(thread.Tgid), NumberText.Decimal(thread.Tid), NumberText.Decimal(thread.Uid), thread.State,
                Seconds.Text(thread.StartTime), thread.Address, branch + (thread.KernelThread ? $"[{thread.Name}]" : thread.Name),
                Runs(thread));
        }

        context.Output.Table(table);
    }

    private static string? Runs(ThreadJson thread) => thread.Function is null ? thread.Work
        : $"{thread.Function}{(thread.Work is { } work ? $": {work}" : "")}"
            + (thread.OutsideKernel == true ? " (outside of the kernel)" : "");

    private static ThreadJson Describe(LinuxProcess process, LinuxThread thread, LinuxKernelThread? kernel) => new(
        thread.Id.Value, thread.ProcessId.Value, thread.Name, process.Name, thread.State.ToString(), thread.IsKernelThread,
        thread.Credentials?.Uid, Seconds.Of(thread.StartTimeNanoseconds), NumberText.Hex(thread.Object.Va),
        kernel?.Function?.ToString(), kernel?.Work?.ToString(), IsOutside(kernel));

    /// <summary>No code of the kernel or of a module that it knows.</summary>
    private static bool? IsOutside(LinuxKernelThread? kernel) => kernel?.Function is { } function
        ? !function.IsInKernelText && function.Module is null || kernel.Work is { IsInKernelText: false, Module: null } : null;
}
