using Vmi.Amd64;

namespace Vmi.Linux;

/// <content>Kernel stacks.</content>
public sealed partial class LinuxOs
{
    /// <summary>
    /// The kernel stack of the vCPU, from where it is up to the entry into the kernel; the last frame is the program's, if it came from
    /// one. In user mode there is none: the only frame is the program's.
    /// </summary>
    /// <remarks>
    /// By the kernel's own unwind tables (ORC), found in its memory; by frame pointers in a kernel built with those. The list says why it
    /// ends early (<see cref="IVmiList{T}.Incomplete"/>).
    /// </remarks>
    /// <exception cref="VmiNotSupportedException">There are no registers, or they do not tell which CPU this is.</exception>
    /// <exception cref="Symbols.ProfileException">The kernel lacks a type that is needed.</exception>
    public IVmiList<LinuxStackFrame> KernelStack() => KernelStack(Registers);

    /// <summary>The same for other registers: of another vCPU, or of another moment.</summary>
    /// <exception cref="VmiNotSupportedException">They do not tell which CPU this is.</exception>
    /// <exception cref="Symbols.ProfileException">The kernel lacks a type that is needed.</exception>
    public IVmiList<LinuxStackFrame> KernelStack(Registers registers)
    {
        ArgumentNullException.ThrowIfNull(registers);
        return StackTrace.OfVcpu(_reader, (Amd64Registers)registers);
    }
}
