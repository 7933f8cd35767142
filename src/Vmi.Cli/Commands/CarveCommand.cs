using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>`carve`: files out of the page cache.</summary>
internal sealed class CarveCommand : TargetCommand
{
    private const int MostRangesShown = 4;

    private readonly Argument<string?> _path = new("PATH")
    {
        Description = "The file in the guest, or a directory whose known entries are listed; without one, the program of --pid.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "Write what is in memory of the file's content to this file; one that is there is replaced.",
        HelpName = "FILE",
    };

    private readonly Option<uint?> _pid = CommonOptions.Pid("The path is one that this process sees: below its root, in its mounts.");
    private readonly Option<uint?> _descriptor = new("--fd")
    {
        Description = "The file that the process of --pid has open under this number.",
        HelpName = "N",
        CustomParser = Numbers.Id<uint>,
    };

    private readonly Option<AddressExpression?> _mapped = new("--mapped")
    {
        Description = "The file that the process of --pid has mapped at this address.",
        HelpName = "ADDRESS",
        CustomParser = result => AddressExpression.Parse(result),
    };

    public CarveCommand()
        : base(
            "carve",
            "Shows which files are in memory, and writes one out of the page cache. What is not there is a hole; then it is partial.",
            "vmi carve memory.elf /bin",
            "vmi carve memory.elf /bin/busybox -o busybox",
            "vmi carve memory.elf --pid 101 -o program",
            "vmi carve memory.elf --pid 101 --fd 4 -o file --json")
    {
        Add(_path);
        Add(_output);
        Add(_pid);
        Add(_descriptor);
        Add(_mapped);
        Validators.Add(Validate);
    }

    protected override void Run(CommandContext context)
    {
        _ = context.Linux;
        var cancellation = context.Interruptible();
        var files = context.Still(() =>
        {
            var file = Find(context);
            if (context.Value(_output) is { } output)
                return [Carve(context, file, output, cancellation)];
            var listed = file.Kind == LinuxFileKind.Directory ? context.Complete(file.Entries()) : (IEnumerable<LinuxCachedFile>)[file];
            return listed.Select(each => Describe(context, each)).ToList();
        });
        if (context.IsJson)
        {
            context.Output.Json(files, CliJson.Default.IReadOnlyListCarveJson);
            return;
        }

        var table = new TextTable("KIND", Column.Number("SIZE"), Column.Number("CACHED"), "DEVICE", Column.Number("INODE"), "PATH");
        foreach (var file in files)
        {
            table.Add(
                file.Kind, NumberText.Decimal(file.Size), NumberText.Decimal(file.CachedBytes), file.Device,
                NumberText.Decimal(file.Inode), file.Path);
        }

        context.Output.Table(table);
    }

    private void Validate(CommandResult result)
    {
        var hasPath = result.GetResult(_path) is { Tokens.Count: > 0 };
        var (hasDescriptor, isMapped) = (result.GetResult(_descriptor) is not null, result.GetResult(_mapped) is not null);
        if (!hasPath && result.GetResult(_pid) is null)
            result.AddError(hasDescriptor || isMapped ? "--fd and --mapped need --pid." : "A PATH is missing, or --pid.");
        else if ((hasPath ? 1 : 0) + (hasDescriptor ? 1 : 0) + (isMapped ? 1 : 0) > 1)
            result.AddError("PATH, --fd and --mapped exclude each other.");
    }

    private LinuxCachedFile Find(CommandContext context)
    {
        var process = context.Process(context.Value(_pid) ?? 1);
        if (context.Value(_path) is { } path)
            return process.TryFindFile(path, out var file, out var reason) ? file : throw new VmiException($"{SafeText.Escape(reason)}.");
        if (context.Value(_descriptor) is { } number)
        {
            return process.Files().FirstOrDefault(each => each.Descriptor == (int)number)?.CachedFile()
                ?? throw new VmiException($"Process {process.Id} has no file {number} open (`vmi files` lists them).");
        }

        return context.Value(_mapped) is { } address
            ? process.LookupRegion(address.Resolve(context.Linux.Kernel))?.CachedFile()
                ?? throw new VmiException($"Process {process.Id} has no file mapped at {address.Text} (`vmi maps` lists them).")
            : process.ExecutableFile() ?? throw new VmiException($"Process {process.Id} has no program, or its memory is not there.");
    }

    private static CarveJson Carve(CommandContext context, LinuxCachedFile file, string output, CancellationToken cancellation)
    {
        if (file.Kind != LinuxFileKind.Regular)
        {
            throw new VmiException(
                $"{SafeText.Escape(file.Path ?? "This")} is no file with content: its kind is {FilesCommand.Text(file.Kind)}.");
        }

        var content = file.Content();
        var unfinished = output + ".partial";
        IReadOnlyList<LinuxFileRange> missing;
        try
        {
            using (var stream = Create(unfinished))
            using (var progress = new Progress("carving"))
                missing = content.CopyTo(stream, progress.Report, cancellation);
            File.Move(unfinished, output, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }

        if (content.Incomplete is { } reason)
            context.Missing(reason);
        if (missing.Count > 0)
            context.Missing(Text(missing, content.Size));
        return Describe(file, content, missing, output);
    }

    /// <summary>For its owner only: it may hold secrets of the guest.</summary>
    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private static CarveJson Describe(CommandContext context, LinuxCachedFile file)
    {
        if (file.Kind != LinuxFileKind.Regular)
            return Describe(file, null, [], null);
        var content = file.Content();
        if (content.Incomplete is { } reason)
            context.Missing($"{file.Path}: {reason}");
        return Describe(file, content, content.Missing, null);
    }

    private static CarveJson Describe(
        LinuxCachedFile file, LinuxFileContent? content, IReadOnlyList<LinuxFileRange> missing, string? output) => new(
        file.Path,
        FilesCommand.Text(file.Kind),
        file.Size,
        content?.CachedBytes ?? 0,
        string.Create(CultureInfo.InvariantCulture, $"{file.DeviceMajor:x2}:{file.DeviceMinor:x2}"),
        file.Inode,
        file.OwnerUid,
        NumberText.Hex(file.Object),
        [.. missing.Select(range => new FileRangeJson(range.Offset, range.Length))],
        output);

    private static string Text(IReadOnlyList<LinuxFileRange> missing, ulong size)
    {
        var bytes = missing.Aggregate(0UL, (sum, range) => sum + range.Length);
        var shown = missing.Take(MostRangesShown).Select(range => string.Create(
            CultureInfo.InvariantCulture, $"{NumberText.Hex(range.Offset)} to {NumberText.Hex(range.Offset + range.Length)}"));
        var more = missing.Count > MostRangesShown ? $" and {missing.Count - MostRangesShown} more ranges (--json has all)" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{bytes} of the {size} bytes are not in memory, and holes in the file: {string.Join(", ", shown)}{more}");
    }
}
