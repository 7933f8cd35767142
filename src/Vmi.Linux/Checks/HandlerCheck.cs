using Vmi.Amd64;

namespace Vmi.Linux;

/// <summary>
/// Hooked entries into the kernel: each system call and each vector leads to the kernel's own code, each system call to the start of a
/// function that is one; and the vCPUs use these tables.
/// </summary>
internal sealed class HandlerCheck
{
    private readonly KernelReader _kernel;
    private readonly CheckResult _syscalls = new();
    private readonly CheckResult _interrupts = new();

    private HandlerCheck(KernelReader kernel) => _kernel = kernel;

    public static (LinuxCheck Syscalls, LinuxCheck Interrupts) Run(KernelReader kernel)
    {
        var check = new HandlerCheck(kernel);
        var handlers = new HandlerReader(kernel).Read();
        check._syscalls.Missing.Add(handlers.Incomplete);
        foreach (var handler in handlers)
            check.Examine(handler);
        check.ExamineVcpus();
        return (check._syscalls.ToCheck(LinuxCheckKind.Syscalls), check._interrupts.ToCheck(LinuxCheckKind.Interrupts));
    }

    private void Examine(LinuxHandler handler)
    {
        var isInterrupt = handler.Table == LinuxHandlerTable.Interrupts;
        var what = handler.Table switch
        {
            LinuxHandlerTable.Syscalls => $"system call {handler.Number}",
            LinuxHandlerTable.Ia32Syscalls => $"32-bit system call {handler.Number}",
            _ => $"vector {handler.Number}",
        };
        var result = isInterrupt ? _interrupts : _syscalls;
        if (!handler.IsInKernelText)
        {
            var owner = handler.Module is { } module ? $"the module {module}" : "nobody's code";
            result.Found(handler.Address, $"{what} leads to {owner}, at {handler.Symbol ?? handler.Address.ToString()}");
        }
        else if (!isInterrupt && !IsSyscall(handler.Symbol))
        {
            result.Found(handler.Address, $"{what} leads to {handler.Symbol ?? handler.Address.ToString()}, which is no system call");
        }
    }

    /// <summary>The start of a function that the kernel's macros for system calls made.</summary>
    private static bool IsSyscall(string? symbol) => symbol is not null && !symbol.Contains('+', StringComparison.Ordinal)
        && (symbol.StartsWith("__x64_", StringComparison.Ordinal) || symbol.StartsWith("__ia32_", StringComparison.Ordinal)
            || symbol.StartsWith("sys_", StringComparison.Ordinal));

    private void ExamineVcpus()
    {
        var vcpus = _kernel.Memory.Supports<IVmiQueryRegisters>() ? _kernel.Memory.Info.Vcpus : 0;
        if (vcpus == 0)
        {
            _interrupts.NotChecked("whether the vCPUs use this table (IDTR): the source has no registers");
            _syscalls.NotChecked("where SYSCALL leads (LSTAR): the source has no registers");
        }

        for (var vcpu = 0; vcpu < vcpus; vcpu++)
        {
            var registers = (Amd64Registers)_kernel.Memory.GetRegisters(new VcpuId((ushort)vcpu));
            ExamineTable(vcpu, registers);
            ExamineSyscallEntry(vcpu, registers);
        }
    }

    /// <summary>The CPU has the table at another address, which is not writable, of the same memory.</summary>
    private void ExamineTable(int vcpu, Amd64Registers registers)
    {
        if (!registers.Available.HasFlag(Amd64RegisterGroups.DescriptorTables))
        {
            _interrupts.NotChecked($"whether vCPU {vcpu} uses this table (IDTR): the source has no such register");
            return;
        }

        var table = registers.Idtr.Base;
        if (!_kernel.Kernel.Profile.TryGetSymbol("idt_table", out var expected)
            || !_kernel.Memory.TryTranslateAddress(_kernel.At(expected), out var place, out _))
            _interrupts.Missing.Add("idt_table is not there");
        else if (!table.IsUpperHalf || !_kernel.Memory.TryTranslateAddress(_kernel.At(table), out var used, out _) || used != place)
            _interrupts.Found(table, $"vCPU {vcpu} uses another table of interrupts than the kernel's idt_table");
    }

    private void ExamineSyscallEntry(int vcpu, Amd64Registers registers)
    {
        if (!registers.Available.HasFlag(Amd64RegisterGroups.SyscallMsrs))
        {
            _syscalls.NotChecked($"where SYSCALL leads on vCPU {vcpu} (LSTAR): the source has no such register");
            return;
        }

        var entry = new Va(registers.Lstar);
        if (_kernel.Kernel.Profile.TryGetSymbol("entry_SYSCALL_64", out var expected) && entry != expected)
            _syscalls.Found(entry, $"SYSCALL leads on vCPU {vcpu} to another place than the kernel's entry_SYSCALL_64");
    }
}
