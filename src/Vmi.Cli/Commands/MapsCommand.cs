using System.CommandLine;
using System.Globalization;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>`maps`: the regions of a process's memory.</summary>
internal sealed class MapsCommand : TargetCommand
{
    private readonly Argument<uint?> _pid = ProcessArgument.One();

    public MapsCommand()
        : base(
            "maps",
            "Lists the regions of a process's memory, as its /proc/PID/maps does.",
            "vmi maps memory.elf 1",
            "vmi maps memory.elf 1 --json") =>
        Add(_pid);

    protected override void Run(CommandContext context)
    {
        _ = context.Linux;
        var pid = context.Value(_pid)!.Value;
        var regions = context.Still(() => context.Complete(context.Process(pid).Regions()).Select(Describe).ToList());
        if (context.IsJson)
        {
            context.Output.Json(regions, CliJson.Default.IReadOnlyListRegionJson);
            return;
        }

        var table = new TextTable("START", "END", "PROTECTION", Column.Number("OFFSET"), "DEVICE", Column.Number("INODE"), "PATH");
        foreach (var region in regions)
        {
            table.Add(
                region.Start, region.End, region.Protection, NumberText.Hex(region.Offset), region.Device,
                NumberText.Decimal(region.Inode), region.Path);
        }

        context.Output.Table(table);
    }

    private static RegionJson Describe(LinuxRegion region) => new(
        NumberText.Hex(region.Start),
        NumberText.Hex(region.End),
        region.Permissions,
        region.Offset,
        string.Create(CultureInfo.InvariantCulture, $"{region.DeviceMajor:x2}:{region.DeviceMinor:x2}"),
        region.Inode,
        region.Path,
        region.Kind switch
        {
            VmiRegionKind.Private => "private",
            VmiRegionKind.MappedImage => "image",
            _ => "data",
        },
        NumberText.Hex(region.Flags),
        NumberText.Hex(region.Object));
}
