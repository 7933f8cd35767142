using System.CommandLine;
using System.Globalization;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>`mounts`: what is mounted where.</summary>
internal sealed class MountsCommand : TargetCommand
{
    private readonly Argument<uint?> _pid = new("PID")
    {
        Description = "The process whose mounts are shown, as `vmi ps` lists it; without one, the first process.",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = Numbers.Id<uint>,
    };

    private readonly Option<bool> _tree = new("--tree")
    {
        Description = "Draw what is mounted below what, as findmnt(8) does. JSON stays a list: `parent` tells it.",
    };

    public MountsCommand()
        : base(
            "mounts",
            "Lists the mounts that a process sees, as its /proc/PID/mountinfo does.",
            "vmi mounts memory.elf",
            "vmi mounts memory.elf --tree",
            "vmi mounts memory.elf 108 --json")
    {
        Add(_pid);
        Add(_tree);
    }

    protected override void Run(CommandContext context)
    {
        _ = context.Linux;
        var pid = context.Value(_pid) ?? 1;
        var mounts = context.Still(() => context.Complete(context.Process(pid).Mounts()).Select(Describe).ToList());
        if (context.IsJson)
            context.Output.Json(mounts, CliJson.Default.IReadOnlyListMountJson);
        else
            context.Output.Table(context.Value(_tree) ? Drawn(mounts) : List(mounts));
    }

    private static TextTable List(List<MountJson> mounts)
    {
        var table = new TextTable(
            Column.Number("ID"), Column.Number("PARENT"), "DEVICE", "SOURCE", "TYPE", "OPTIONS", "SUPER", "ROOT", "PATH");
        foreach (var mount in mounts)
        {
            table.Add(
                NumberText.Decimal(mount.Id), NumberText.Decimal(mount.Parent), mount.Device, mount.Source, mount.FileSystem, mount.Options,
                mount.SuperOptions, mount.Root, mount.Path);
        }

        return table;
    }

    private static TextTable Drawn(List<MountJson> mounts)
    {
        var table = new TextTable("PATH", "SOURCE", "TYPE", "OPTIONS");
        foreach (var (mount, branch) in Tree.Arrange(mounts, each => each.Id, each => each.Parent))
            table.Add(branch + mount.Path, mount.Source, mount.FileSystem, mount.Options);
        return table;
    }

    private static MountJson Describe(LinuxMount mount) => new(
        mount.Id,
        mount.ParentId,
        string.Create(CultureInfo.InvariantCulture, $"{mount.DeviceMajor}:{mount.DeviceMinor}"),
        mount.Root,
        mount.Path,
        mount.Options,
        mount.PeerGroup,
        mount.MasterGroup,
        mount.IsUnbindable,
        mount.FileSystem,
        mount.Source,
        mount.SuperOptions,
        NumberText.Hex(mount.Object));
}
