namespace Vmi.Amd64;

/// <summary>Why an event of an AMD64 vCPU was delivered.</summary>
public abstract record Amd64EventReason : VmiEventReason
{
    private Amd64EventReason()
    {
    }

    /// <summary>A frame was touched in a way that its rights in the view forbid.</summary>
    /// <param name="Pa">The physical address touched.</param>
    /// <param name="Va">The virtual address; null if it is not known.</param>
    /// <param name="Access">How it was touched.</param>
    /// <param name="Flags">How that came about.</param>
    public sealed record MemoryAccess(Pa Pa, Va? Va, global::Vmi.MemoryAccess Access, MemoryAccessFlags Flags) : Amd64EventReason;

    /// <summary>A control register is about to be written.</summary>
    /// <param name="Register">Which.</param>
    /// <param name="NewValue">The value to be written.</param>
    /// <param name="OldValue">The value it has.</param>
    public sealed record WriteCr(ControlRegister Register, ulong NewValue, ulong OldValue) : Amd64EventReason;

    /// <summary>A model-specific register is about to be written.</summary>
    /// <param name="Register">Which.</param>
    /// <param name="NewValue">The value to be written.</param>
    /// <param name="OldValue">The value it has.</param>
    public sealed record WriteMsr(Msr Register, ulong NewValue, ulong OldValue) : Amd64EventReason;

    /// <summary>An interrupt or exception was intercepted.</summary>
    /// <param name="Gfn">The frame of the instruction; null if it is not known.</param>
    /// <param name="Interrupted">The interrupt.</param>
    public sealed record Interrupt(Gfn? Gfn, Amd64Interrupt Interrupted) : Amd64EventReason
    {
        /// <summary>True.</summary>
        public override bool IsIntercepted => true;

        /// <summary>Whether an INT3 instruction was executed.</summary>
        public override bool IsSoftwareBreakpoint =>
            Interrupted is { Vector: ExceptionVector.Breakpoint, Type: InterruptType.SoftwareException };
    }

    /// <summary>A single step ended.</summary>
    /// <param name="Gfn">The frame of the next instruction; null if it is not known.</param>
    public sealed record Singlestep(Gfn? Gfn) : Amd64EventReason
    {
        /// <summary>True.</summary>
        public override bool IsSinglestep => true;
    }

    /// <summary>A debug exception (#DB) of the guest was intercepted.</summary>
    /// <param name="Gfn">The frame of the instruction; null if it is not known.</param>
    /// <param name="Pending">What caused it, as it is to be merged into DR6.</param>
    /// <param name="InstructionLength">The bytes of the instruction; 0 if it is not known.</param>
    public sealed record DebugException(Gfn? Gfn, Dr6 Pending, int InstructionLength) : Amd64EventReason
    {
        /// <summary>True.</summary>
        public override bool IsIntercepted => true;
    }

    /// <summary>The guest called the hypervisor.</summary>
    /// <param name="InstructionLength">The bytes of the instruction.</param>
    public sealed record Hypercall(int InstructionLength) : Amd64EventReason;

    /// <summary>A CPUID instruction.</summary>
    /// <param name="Leaf">EAX.</param>
    /// <param name="Subleaf">ECX.</param>
    /// <param name="InstructionLength">The bytes of the instruction.</param>
    public sealed record CpuId(uint Leaf, uint Subleaf, int InstructionLength) : Amd64EventReason;

    /// <summary>An I/O instruction.</summary>
    /// <param name="Port">The port.</param>
    /// <param name="Length">The bytes moved at once: 1, 2 or 4.</param>
    /// <param name="Direction">To the device or from it.</param>
    /// <param name="IsString">Whether it is a string instruction (INS, OUTS).</param>
    public sealed record Io(ushort Port, int Length, IoDirection Direction, bool IsString) : Amd64EventReason;

    /// <summary>GDTR, IDTR, LDTR or TR was touched.</summary>
    /// <param name="Register">Which.</param>
    /// <param name="IsWrite">Whether it was written.</param>
    public sealed record DescriptorAccess(DescriptorTableKind Register, bool IsWrite) : Amd64EventReason;
}
