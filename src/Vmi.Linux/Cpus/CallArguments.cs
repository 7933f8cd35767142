using Vmi.Amd64;

namespace Vmi.Linux;

/// <summary>The arguments of system calls (by the kernel's convention) and of functions (by the x86-64 and i386 psABIs).</summary>
internal static class CallArguments
{
    private const int SyscallArguments = 6;
    private const int RegisterArguments = 6;

    // endbr64 and the call of ftrace: what comes before a function's own first instruction.
    private const ulong LongestPrologue = 9;

    /// <param name="kernel">What reads.</param>
    /// <param name="registers">The vCPU, at a system call's function (`__x64_sys_execve`) or entry.</param>
    /// <param name="index">0 to 5.</param>
    public static ulong OfSyscall(KernelReader kernel, Amd64Registers registers, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, SyscallArguments);
        if (kernel.Kernel.Profile.Resolve(registers.InstructionPointer) is { Offset: <= LongestPrologue } at)
        {
            // These functions get one argument: where the kernel saved the caller's registers.
            var layout = kernel.Layouts.PtRegs;
            var is64 = at.Name.StartsWith("__x64_", StringComparison.Ordinal);
            if (is64 || at.Name.StartsWith("__ia32_", StringComparison.Ordinal))
                return kernel.Memory.ReadField(kernel.At(new Va(registers.Rdi)), (is64 ? layout.Arguments : layout.Arguments32)[index]);
        }

        return registers.EffectiveAddressWidth == sizeof(uint)
            ? (uint)(index switch
            {
                0 => registers.Rbx,
                1 => registers.Rcx,
                2 => registers.Rdx,
                3 => registers.Rsi,
                4 => registers.Rdi,
                _ => registers.Rbp,
            })
            : index switch
            {
                0 => registers.Rdi,
                1 => registers.Rsi,
                2 => registers.Rdx,
                3 => registers.R10,
                4 => registers.R8,
                _ => registers.R9,
            };
    }

    /// <param name="kernel">What reads.</param>
    /// <param name="registers">The vCPU, at the function's first instruction.</param>
    /// <param name="index">From 0.</param>
    public static ulong OfFunction(KernelReader kernel, Amd64Registers registers, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var width = registers.EffectiveAddressWidth;
        if (width == sizeof(uint))
            return Stacked(index);
        return index switch
        {
            0 => registers.Rdi,
            1 => registers.Rsi,
            2 => registers.Rdx,
            3 => registers.Rcx,
            4 => registers.R8,
            5 => registers.R9,
            _ => Stacked(index - RegisterArguments),
        };

        // Above the return address.
        ulong Stacked(int place)
        {
            var at = registers.StackPointer + (ulong)(place + 1L) * (ulong)width;
            return kernel.Memory.ReadUInt((at, at.IsUpperHalf ? kernel.Kernel.TranslationRoot : registers.TranslationRoot), width);
        }
    }
}
