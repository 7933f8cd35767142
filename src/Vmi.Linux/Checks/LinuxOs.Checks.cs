namespace Vmi.Linux;

/// <content>Whether somebody changed the kernel.</content>
public sealed partial class LinuxOs
{
    /// <summary>
    /// Compares what the kernel keeps in more than one place, and what has only one right value: see docs/checks.md for what each check
    /// can see and what it can't. A running VM has to stand still, or what changes meanwhile may be found.
    /// </summary>
    /// <param name="kernelFile">
    /// The kernel's file, with which its code is compared; null for the one that the guest itself has in its page cache, if it is there.
    /// </param>
    /// <returns>One outcome for each <see cref="LinuxCheckKind"/>, in their order.</returns>
    /// <exception cref="VmiException">The file that was given is another kernel's.</exception>
    /// <exception cref="Symbols.ProfileException">The kernel lacks a type or a symbol that is needed.</exception>
    public IReadOnlyList<LinuxCheck> Check(LinuxKernelFile? kernelFile = null)
    {
        using var operation = Memory.BeginOperation();
        var (syscalls, interrupts) = HandlerCheck.Run(_reader);
        return
        [
            new ProcessCheck(_reader).Run(), new ModuleCheck(_reader).Run(), syscalls, interrupts, TextMappingCheck.Run(_reader),
            TextContentCheck.Run(_reader, kernelFile, KernelRelease),
        ];
    }
}
