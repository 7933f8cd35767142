using System.CommandLine;
using System.Text.Json;
using Vmi.Cli.Json;
using Vmi.Cli.Text;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>`check`: whether somebody changed the kernel.</summary>
internal sealed class CheckCommand : TargetCommand
{
    private readonly Option<string?> _file = new("--kernel-file")
    {
        Description = "Compare the kernel's code with this file of it (vmlinuz or vmlinux), not with the one in the guest's memory.",
        HelpName = "FILE",
    };

    public CheckCommand()
        : base(
            "check",
            "Looks for what hides in the kernel: processes, modules, hooked system calls, changed code. Exit code 4: found.",
            "vmi check memory.elf",
            "vmi check memory.elf --kernel-file vmlinuz",
            "vmi check qemu:name=debian --json") =>
        Add(_file);

    private const string NotChecked = "not checked";

    protected override void Run(CommandContext context)
    {
        var file = context.Value(_file) is { } path ? Load(path) : null;
        var linux = context.Linux;
        var checks = context.Still(() => linux.Check(file).Select(Describe).ToList());
        foreach (var check in checks)
        {
            if (check.Incomplete is { } reason)
                context.Missing($"{check.Check}: {reason}");
            context.HasFindings |= check.Findings.Count > 0;
        }

        if (context.IsJson)
        {
            context.Output.Json(checks, CliJson.Default.IReadOnlyListCheckJson);
            return;
        }

        var table = new TextTable("CHECK", "RESULT", "ADDRESS", "DESCRIPTION");
        foreach (var check in checks)
        {
            if (check.Findings.Count == 0 && check.Result != NotChecked)
                table.Add(check.Check, check.Result, "", "");
            foreach (var finding in check.Findings)
                table.Add(check.Check, "FOUND", finding.Address, finding.Description);
            foreach (var reason in check.NotChecked)
                table.Add(check.Check, NotChecked, "", reason);
        }

        context.Output.Table(table);
    }

    private static LinuxKernelFile Load(string path)
    {
        try
        {
            return LinuxKernelFile.Load(path);
        }
        catch (VmiFormatException exception)
        {
            throw new VmiException($"{path}: {exception.Message}", exception);
        }
    }

    private static CheckJson Describe(LinuxCheck check) => new(
        JsonNamingPolicy.SnakeCaseLower.ConvertName(check.Kind.ToString()),
        check.Findings.Count > 0 ? "found"
            : check.Incomplete is not null ? "incomplete"
            : !check.WasRun ? NotChecked
            : "clean",
        [.. check.Findings.Select(finding => new FindingJson(NumberText.Hex(finding.Address), finding.Description))],
        check.NotChecked,
        check.Incomplete);
}
