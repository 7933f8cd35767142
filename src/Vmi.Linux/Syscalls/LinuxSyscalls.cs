using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Vmi.Amd64;

namespace Vmi.Linux;

/// <summary>
/// The system calls of the running kernel: those of 64-bit programs in the order of their numbers, then those of 32-bit programs.
/// Numbers whose call the kernel does not have (`sys_ni_syscall`) are not among them. Any number of threads may use one instance.
/// </summary>
public sealed class LinuxSyscalls : IVmiList<LinuxSyscall>
{
    private readonly IReadOnlyList<LinuxSyscall> _all;
    private readonly Dictionary<(SyscallAbi Abi, string Name), LinuxSyscall> _byName = [];
    private readonly Dictionary<(SyscallAbi Abi, int Number), LinuxSyscall> _byNumber = [];
    private readonly Dictionary<Va, LinuxSyscall> _byHandler = [];
    private readonly Va[] _dispatchers;

    internal LinuxSyscalls(KernelReader kernel, IReadOnlyList<LinuxSyscall> all, string? incomplete)
    {
        _all = all;
        Incomplete = incomplete;
        Registers = kernel.Layouts.PtRegs;
        Kernel = kernel.Kernel;
        foreach (var syscall in all)
        {
            _byName.TryAdd((syscall.Abi, syscall.Name), syscall);
            _byHandler.TryAdd(syscall.Handler, syscall);
            if (syscall.Number is { } number)
                _byNumber.TryAdd((syscall.Abi, number), syscall);
        }

        _dispatchers = [.. new[] { "do_syscall_64", "x64_sys_call" }
            .Select(name => kernel.Kernel.Profile.TryGetSymbol(name, out var address) ? address : default).Where(each => !each.IsNull)];
    }

    /// <summary>Why not all is there; null if it is.</summary>
    public string? Incomplete { get; }

    /// <inheritdoc/>
    public int Count => _all.Count;

    /// <summary>
    /// The addresses through which every call of a 64-bit program goes: `do_syscall_64`, then, where the kernel has it, `x64_sys_call`.
    /// A breakpoint at one of them sees all calls, and <see cref="TryIdentify"/> knows it.
    /// </summary>
    public IReadOnlyList<Va> Dispatchers => _dispatchers;

    internal PtRegsLayout Registers { get; }

    internal LinuxKernel Kernel { get; }

    /// <inheritdoc/>
    public LinuxSyscall this[int index] => _all[index];

    /// <summary>A call by the name that programs use; by the kernel's (`newfstat`) too.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out LinuxSyscall? syscall, SyscallAbi abi = SyscallAbi.X64)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _byName.TryGetValue((abi, name), out syscall)
            || _byName.TryGetValue((abi, SyscallNames.OfPrograms(name, abi)), out syscall);
    }

    /// <summary>A call by its number.</summary>
    public bool TryGet(int number, [NotNullWhen(true)] out LinuxSyscall? syscall, SyscallAbi abi = SyscallAbi.X64) =>
        _byNumber.TryGetValue((abi, number), out syscall);

    /// <summary>
    /// A call by the address of its function. Calls without parameters share one function for 64-bit and 32-bit programs: then the
    /// former is the answer.
    /// </summary>
    public bool TryGet(Va handler, [NotNullWhen(true)] out LinuxSyscall? syscall) => _byHandler.TryGetValue(handler, out syscall);

    /// <summary>
    /// Which call a vCPU is about to make, if it stands at the first instruction of a call's function or of one of the
    /// <see cref="Dispatchers"/>. Nothing is read from memory.
    /// </summary>
    /// <param name="registers">The vCPU.</param>
    /// <param name="syscall">The call.</param>
    /// <param name="callerRegisters">Where the caller's `struct pt_regs` is.</param>
    /// <returns>False elsewhere, and for a number that the kernel has no call for.</returns>
    /// <exception cref="RegisterNotAvailableException">There are no general registers.</exception>
    public bool TryIdentify(Amd64Registers registers, [NotNullWhen(true)] out LinuxSyscall? syscall, out Va callerRegisters)
    {
        ArgumentNullException.ThrowIfNull(registers);
        var at = new Va(registers.Rip);
        callerRegisters = new Va(registers.Rdi);
        // The second argument of a dispatcher is an int.
        return Array.IndexOf(_dispatchers, at) >= 0 ? TryGet((int)registers.Rsi, out syscall) : TryGet(at, out syscall);
    }

    /// <inheritdoc/>
    public IEnumerator<LinuxSyscall> GetEnumerator() => _all.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
