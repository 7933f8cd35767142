using System.CommandLine;
using System.Globalization;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>`files`: what processes have open.</summary>
internal sealed class FilesCommand : TargetCommand
{
    private readonly Argument<uint?> _pid = ProcessArgument.OneOrAll();

    public FilesCommand()
        : base(
            "files",
            "Lists the open files of all processes, or of one, as /proc/PID/fd does, with working directory, root and program.",
            "vmi files memory.elf",
            "vmi files memory.elf 1 --json") =>
        Add(_pid);

    protected override void Run(CommandContext context)
    {
        _ = context.Linux;
        var files = context.Still(() =>
            ProcessArgument.Processes(context, _pid).SelectMany(process => Describe(context, process)).ToList());
        if (context.IsJson)
        {
            context.Output.Json(files, CliJson.Default.IReadOnlyListFileJson);
            return;
        }

        var table = new TextTable(
            Column.Number("PID"), "NAME", Column.Number("FD"), "KIND", "FLAGS", Column.Number("POSITION"), "DEVICE", Column.Number("INODE"),
            "PATH");
        foreach (var file in files)
        {
            table.Add(
                NumberText.Decimal(file.Pid), file.Name, NumberText.Decimal(file.Descriptor) ?? file.Use, file.Kind, file.Flags,
                NumberText.Decimal(file.Position), file.Device, NumberText.Decimal(file.Inode), file.Path);
        }

        context.Output.Table(table);
    }

    private static IEnumerable<FileJson> Describe(CommandContext context, LinuxProcess process)
    {
        yield return Place("cwd", process.WorkingDirectory);
        yield return Place("root", process.RootDirectory);
        if (process.ExecutablePath is { } program)
            yield return Place("exe", program);
        foreach (var file in context.Complete(process.Files(), $"process {process.Id}"))
        {
            yield return new FileJson(
                process.Id.Value, process.Name, "open", file.Descriptor, Text(file.Kind), NumberText.Hex(file.Flags), file.Position,
                string.Create(CultureInfo.InvariantCulture, $"{file.DeviceMajor:x2}:{file.DeviceMinor:x2}"), file.Inode, file.Path,
                NumberText.Hex(file.Object));
        }

        FileJson Place(string use, string? path)
        {
            // A process that ended has none.
            if (path is null && process.State is not ('Z' or 'X'))
                context.Missing($"process {process.Id}: its {use} is not there, or too long");
            return new FileJson(process.Id.Value, process.Name, use, null, null, null, null, null, null, path, null);
        }
    }

    internal static string Text(LinuxFileKind kind) => kind switch
    {
        LinuxFileKind.Regular => "file",
        LinuxFileKind.SymbolicLink => "link",
        LinuxFileKind.CharacterDevice => "character",
        LinuxFileKind.BlockDevice => "block",
        LinuxFileKind.Anonymous => "anon_inode",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
