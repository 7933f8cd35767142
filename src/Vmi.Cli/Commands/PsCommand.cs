using System.CommandLine;
using Vmi.Cli.Json;
using Vmi.Cli.Text;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>`ps`: the processes.</summary>
internal sealed class PsCommand : TargetCommand
{
    private readonly Option<bool> _tree = new("--tree") { Description = "Draw who started whom. JSON stays a list: `ppid` tells it." };

    public PsCommand()
        : base(
            "ps",
            "Lists the processes, zombies and kernel threads included.",
            "vmi ps memory.elf",
            "vmi ps memory.elf --tree",
            "vmi ps qemu:/run/vm/qmp.sock --json",
            "vmi ps libvirt:debian --verbose") =>
        Add(_tree);

    protected override void Run(CommandContext context)
    {
        var linux = context.Linux;
        var processes = context.Still(() =>
            context.Complete(linux.Processes()).Select(process => Describe(context, process)).ToList());
        if (context.IsJson)
            context.Output.Json(processes, CliJson.Default.IReadOnlyListProcessJson);
        else
            context.Output.Table(context.Value(_tree) ? Tree(processes) : List(processes));
    }

    private static ProcessJson Describe(CommandContext context, LinuxProcess process)
    {
        var who = $"process {process.Id}";
        context.Complete(process.Arguments(), who);
        var hasRoot = process.TryGetTranslationRoot(out var root);
        if (!hasRoot)
            context.Missing($"{who}: its page tables are not there");
        var credentials = process.Credentials;
        if (credentials is null)
            context.Missing($"{who}: its credentials are not there");
        return new ProcessJson(
            process.Id.Value,
            process.Id.Value,
            process.ParentId.Value,
            process.Name,
            process.CommandLine,
            process.ExecutablePath,
            process.State.ToString(),
            process.IsKernelThread,
            credentials?.Uid,
            credentials?.Gid,
            credentials?.EffectiveUid,
            credentials?.EffectiveGid,
            Seconds.Of(process.StartTimeNanoseconds),
            NumberText.Hex(process.Object.Va),
            hasRoot ? NumberText.Hex(root) : null,
            hasRoot ? NumberText.Hex(process.UserTranslationRoot) : null);
    }

    private static TextTable List(List<ProcessJson> processes)
    {
        var table = new TextTable(
            Column.Number("PID"), Column.Number("PPID"), Column.Number("UID"), "STATE", Column.Number("START"), "NAME", "COMMAND");
        foreach (var process in processes)
        {
            table.Add(
                NumberText.Decimal(process.Pid), NumberText.Decimal(process.Ppid), NumberText.Decimal(process.Uid), process.State,
                Seconds.Text(process.StartTime), process.Name, Command(process));
        }

        return table;
    }

    private static TextTable Tree(List<ProcessJson> processes)
    {
        var table = new TextTable(Column.Number("PID"), Column.Number("UID"), "STATE", "COMMAND");
        foreach (var (process, branch) in Text.Tree.Arrange(processes, each => each.Pid, each => each.Ppid))
            table.Add(NumberText.Decimal(process.Pid), NumberText.Decimal(process.Uid), process.State, branch + Command(process));
        return table;
    }

    /// <summary>As ps(1): the arguments, or the name in brackets where there are none.</summary>
    private static string Command(ProcessJson process) => process.CommandLine is { Length: > 0 } line ? line
        : process.State == "Z" ? $"[{process.Name}] <defunct>"
        : $"[{process.Name}]";
}
