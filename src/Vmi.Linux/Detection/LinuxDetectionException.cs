namespace Vmi.Linux;

/// <summary>There is no Linux kernel to be found, or more than one. The message says what was tried and why it failed.</summary>
/// <param name="message">One line.</param>
/// <param name="candidates">The kernels that passed all checks: none, or at least two.</param>
public sealed class LinuxDetectionException(string message, IReadOnlyList<LinuxKernel> candidates) : VmiException(message)
{
    /// <summary>
    /// The kernels to choose from with <see cref="LinuxDetectionOptions.KernelRoot"/>: none if there is no kernel. Memory that holds
    /// several has a kernel before the last reboot or of a nested guest in it, or forged ones.
    /// </summary>
    public IReadOnlyList<LinuxKernel> Candidates { get; } = candidates;
}
