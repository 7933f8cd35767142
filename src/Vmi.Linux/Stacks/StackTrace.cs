using Vmi.Amd64;

namespace Vmi.Linux;

/// <summary>Where a trace begins: at what a waiting thread left on its stack, or at a vCPU's registers.</summary>
internal static class StackTrace
{
    /// <summary>The stack of a thread, whether it waits or runs.</summary>
    public static VmiList<LinuxStackFrame> OfThread(KernelReader kernel, Va task)
    {
        using var operation = kernel.Memory.BeginOperation();
        var layout = kernel.Layouts.StackTask;
        if (!kernel.TryReadStruct(task, layout, out var read))
            return new VmiList<LinuxStackFrame>([], $"the task_struct at {task} is not there");
        if (layout.OnCpu is { } onCpu && read.Read(onCpu) != 0)
        {
            return FindVcpu(kernel, task) is { } registers
                ? OfVcpu(kernel, registers)
                : new VmiList<LinuxStackFrame>([], "the thread runs, and no vCPU's registers are known that show it");
        }

        return OfWaiting(kernel, read);
    }

    /// <summary>The first frame of a thread's stack that is not the scheduler's; null if it is on a CPU or its stack is in doubt.</summary>
    public static LinuxStackFrame? WaitChannel(KernelReader kernel, Va task)
    {
        using var operation = kernel.Memory.BeginOperation();
        var layout = kernel.Layouts.StackTask;
        var profile = kernel.Kernel.Profile;
        if (!kernel.TryReadStruct(task, layout, out var read) || layout.OnCpu is not { } onCpu || read.Read(onCpu) != 0
            || !profile.TryGetSymbol("__sched_text_start", out var first) || !profile.TryGetSymbol("__sched_text_end", out var end))
            return null;
        return OfWaiting(kernel, read).TakeWhile(frame => frame is { IsReliable: true, IsUserMode: false })
            .FirstOrDefault(frame => frame.Address < first || frame.Address >= end);
    }

    private static VmiList<LinuxStackFrame> OfWaiting(KernelReader kernel, StructReader read)
    {
        var layout = kernel.Layouts.StackTask;
        // The stack of a thread that has ended is given back before the thread is.
        var stack = read.ReadVa(layout.Stack);
        if (stack.IsNull)
            return new VmiList<LinuxStackFrame>([]);
        var areas = new StackAreas(kernel);
        areas.Add(stack.Value, layout.StackSize);
        var frame = read.Read(layout.StackPointer);
        return areas.TryRead(frame + layout.InactiveReturn.Offset, out var ip)
            && areas.TryRead(frame + layout.InactiveBp.Offset, out var bp)
            ? StackUnwinder.Walk(kernel, areas, new ReturnHooks(kernel, read), ip, frame + layout.InactiveSize, bp)
            : new VmiList<LinuxStackFrame>([], $"the inactive_task_frame at {new Va(frame)} is not on the stack at {stack}");
    }

    /// <summary>The kernel stack that a vCPU is on.</summary>
    /// <exception cref="VmiNotSupportedException">The registers do not tell which CPU this is.</exception>
    public static VmiList<LinuxStackFrame> OfVcpu(KernelReader kernel, Amd64Registers registers)
    {
        using var operation = kernel.Memory.BeginOperation();
        var areas = new StackAreas(kernel);
        if (IsUserMode(registers))
            return StackUnwinder.Walk(kernel, areas, new ReturnHooks(kernel, null), registers, isUserMode: true);
        var finder = new CpuFinder(kernel);
        if (finder.FindBase(registers) is not { } cpu || finder.CurrentTask(registers) is not { } task)
            throw new VmiNotSupportedException("the stack trace of a vCPU", "What is known of the vCPU (GS, KERNEL_GS_BASE, GDTR)");
        var layout = kernel.Layouts.StackTask;
        kernel.TryReadStruct(task, layout, out var read);
        if (read?.ReadVa(layout.Stack) is { IsUpperHalf: true } stack)
            areas.Add(stack.Value, layout.StackSize);
        CpuStacks.AddTo(areas, kernel, cpu);
        if (!areas.TryEnter(registers.Rsp) && registers.StackPointer.IsUpperHalf)
        {
            // While the scheduler goes from one thread to the next, the stack is already the next one's.
            var begin = registers.Rsp & ~(layout.StackSize - 1);
            areas.Add(begin, layout.StackSize);
            read = OwnerOf(kernel, begin);
        }

        return StackUnwinder.Walk(kernel, areas, new ReturnHooks(kernel, read), registers, isUserMode: false);
    }

    /// <summary>The thread that a stack belongs to; null if none does, or it is that of an idle task.</summary>
    private static StructReader? OwnerOf(KernelReader kernel, ulong stack)
    {
        var layout = kernel.Layouts.StackTask;
        foreach (var thread in ProcessList.Read(kernel).SelectMany(process => process.Threads()))
        {
            if (kernel.TryReadStruct(thread.Object.Va, layout, out var task) && task.Read(layout.Stack) == stack)
                return task;
        }

        return null;
    }

    /// <summary>The registers of the vCPU that a thread runs on; null if none is known to.</summary>
    private static Amd64Registers? FindVcpu(KernelReader kernel, Va task)
    {
        if (!kernel.Memory.Supports<IVmiQueryRegisters>())
            return null;
        var finder = new CpuFinder(kernel);
        for (ushort vcpu = 0; vcpu < kernel.Memory.Info.Vcpus; vcpu++)
        {
            if (kernel.Memory.GetRegisters(new VcpuId(vcpu)) is Amd64Registers registers && finder.CurrentTask(registers) == task)
                return registers;
        }

        return null;
    }

    private static bool IsUserMode(Amd64Registers registers) => (registers.Available & Amd64RegisterGroups.Segments) != 0
        ? registers.Cs.Selector.Rpl == 3
        : !registers.InstructionPointer.IsUpperHalf;
}
