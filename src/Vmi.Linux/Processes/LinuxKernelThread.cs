namespace Vmi.Linux;

/// <summary>What a thread of the kernel is for, at the moment it was read.</summary>
/// <param name="Thread">The thread.</param>
/// <param name="Function">
/// What it was made to run; null for `kthreadd` itself, and in kernels before 5.12, which do not keep it. Corresponds to
/// `kthread.threadfn`.
/// </param>
/// <param name="Work">What a worker works on just now; null if nothing, or if it is none. Corresponds to `worker.current_func`.</param>
public sealed record LinuxKernelThread(LinuxThread Thread, LinuxKernelFunction? Function, LinuxKernelFunction? Work);
