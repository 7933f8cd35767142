namespace Vmi.Cli.Commands;

/// <summary>`trace files`: the files that are opened, and the names that come, change and go.</summary>
internal sealed class TraceFilesCommand()
    : TracingCommand(
        "files",
        "Shows each file that is opened, made, linked, renamed, cut, removed or given other rights, or was to be.",
        "vmi trace files qemu:/run/vm/qmp.sock --name nginx",
        "vmi trace files qemu:/run/vm/qmp.sock --json --count 1000")
{
    private static readonly string[] Wanted =
    [
        "open", "openat", "openat2", "creat", "truncate", "mkdir", "mkdirat", "mknod", "mknodat", "link", "linkat", "symlink", "symlinkat",
        "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "chmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchownat",
    ];

    /// <summary>Those that this kernel has: some are newer than others.</summary>
    protected override IReadOnlyCollection<string> Syscalls(CommandContext context)
    {
        var known = context.Linux.Syscalls().Select(each => each.Name).ToHashSet();
        return [.. Wanted.Where(known.Contains)];
    }
}
