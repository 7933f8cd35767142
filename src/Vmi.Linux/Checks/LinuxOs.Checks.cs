namespace Vmi.Linux;

/// <content>Whether somebody changed the kernel.</content>
public sealed partial class LinuxOs
{
    private const string NoCopyOfCode = "the code, byte by byte: no copy of the kernel's file is looked for in memory";

    /// <summary>
    /// Compares what the kernel keeps in more than one place, and what has only one right value: see docs/checks.md for what each check
    /// can see and what it can't. A running VM has to stand still, or what changes meanwhile may be found.
    /// </summary>
    /// <returns>One outcome for each <see cref="LinuxCheckKind"/>, in their order.</returns>
    /// <exception cref="Symbols.ProfileException">The kernel lacks a type or a symbol that is needed.</exception>
    public IReadOnlyList<LinuxCheck> Check()
    {
        using var operation = Memory.BeginOperation();
        var (syscalls, interrupts) = HandlerCheck.Run(_reader);
        var content = new CheckResult();
        content.NotChecked(NoCopyOfCode);
        return
        [
            new ProcessCheck(_reader).Run(), new ModuleCheck(_reader).Run(), syscalls, interrupts, TextMappingCheck.Run(_reader),
            content.ToCheck(LinuxCheckKind.TextContent),
        ];
    }
}
