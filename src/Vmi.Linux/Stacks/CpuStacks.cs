namespace Vmi.Linux;

/// <summary>The stacks that a CPU has besides its threads': for interrupts, for exceptions, for the entry into the kernel.</summary>
internal static class CpuStacks
{
    private const ulong UsualInterruptStack = 16 * 1024;
    private const ulong LargestStack = 64 * 1024;

    // enum exception_stack_ordering. Those that a kernel or a machine has no use for are missing or empty.
    private static readonly string[] s_exceptionStacks = ["DF_stack", "NMI_stack", "DB_stack", "MCE_stack", "VC_stack", "VC2_stack"];

    /// <param name="kernel">What reads.</param>
    /// <param name="cpu">What is added to the address of a per-CPU variable.</param>
    /// <param name="areas">Where they are added.</param>
    public static void AddTo(StackAreas areas, KernelReader kernel, Va cpu)
    {
        var profile = kernel.Kernel.Profile;
        if (InterruptStackTop(kernel) is { } variable && kernel.TryReadVa(cpu + variable, out var top))
        {
            // The pointer is to the topmost word.
            var size = SizeOf("irq_stack", UsualInterruptStack);
            Add(top + sizeof(ulong) - size, size);
        }

        if (profile.TryGetSymbol("cea_exception_stacks", out var pointer) && kernel.TryReadVa(cpu + pointer.Value, out var stacks))
        {
            foreach (var name in s_exceptionStacks)
            {
                if (profile.TryGetField("cea_exception_stacks", name, out var stack))
                    Add(stacks + stack.Offset, stack.Size);
            }
        }

        if (profile.TryGetSymbol("cpu_tss_rw", out var state) && profile.TryGetField("tss_struct", "x86_tss.sp0", out var entry)
            && kernel.TryReadVa(cpu + state.Value + entry.Offset, out var entryTop))
        {
            var size = SizeOf("entry_stack", Frame.Size);
            Add(entryTop - size, size);
        }

        ulong SizeOf(string type, ulong usual) => profile.TryGetSize(type, out var size) ? size : usual;

        void Add(Va begin, ulong size)
        {
            if (begin.IsUpperHalf && size is > 0 and <= LargestStack)
                areas.Add(begin.Value, size);
        }
    }

    /// <summary>The per-CPU pointer; in some kernels it is in `pcpu_hot`.</summary>
    private static ulong? InterruptStackTop(KernelReader kernel)
    {
        var profile = kernel.Kernel.Profile;
        if (profile.TryGetSymbol("pcpu_hot", out var hot) && profile.TryGetField("pcpu_hot", "hardirq_stack_ptr", out var field))
            return hot.Value + field.Offset;
        return profile.TryGetSymbol("hardirq_stack_ptr", out var own) ? own.Value : null;
    }
}
