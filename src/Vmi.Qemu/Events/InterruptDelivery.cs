using System.Buffers.Binary;
using Vmi.Amd64;

namespace Vmi.Qemu;

/// <summary>
/// What the CPU does when it delivers an interrupt or exception in long mode (Intel SDM volume 3, 6.14): the new state of the vCPU, and
/// the frame that goes onto the stack of the handler. Nothing is changed by computing it.
/// </summary>
internal sealed class InterruptDelivery
{
    private const ulong TrapFlag = 1 << 8;
    private const ulong InterruptFlag = 1 << 9;
    private const ulong NestedTask = 1 << 14;
    private const ulong ResumeFlag = 1 << 16;
    private const ulong Virtual8086 = 1 << 17;
    private const int PrivilegeStacks = 4; // of RSP0 in the 64-bit TSS
    private const int InterruptStacks = 36; // of IST1

    private InterruptDelivery()
    {
    }

    /// <summary>What is pushed, as it lies in memory from <see cref="StackPointer"/> on.</summary>
    public required byte[] Frame { get; init; }

    /// <summary>The handler.</summary>
    public required ulong InstructionPointer { get; init; }

    public required ulong StackPointer { get; init; }

    public required ulong Flags { get; init; }

    /// <summary>The selector to load into CS; null if it stays.</summary>
    public required ushort? CodeSelector { get; init; }

    /// <summary>The selector to load into SS; null if it stays.</summary>
    public required ushort? StackSelector { get; init; }

    /// <summary>Works out a delivery.</summary>
    /// <param name="memory">Reads the tables.</param>
    /// <param name="registers">The vCPU's registers, whole.</param>
    /// <param name="interrupt">What is to be delivered.</param>
    /// <param name="who">The driver's name, for messages.</param>
    /// <exception cref="VmiNotSupportedException">It can't be delivered now; the message says why.</exception>
    public static InterruptDelivery Prepare(VmiMemory memory, Amd64Registers registers, Amd64Interrupt interrupt, string who)
    {
        VmiNotSupportedException Refused(string why) => new($"injecting {interrupt.Vector} now ({why})", who);

        if (registers.AddressWidth != sizeof(ulong))
            throw Refused("the vCPU is not in long mode");
        var isSoftware = interrupt.Type
            is InterruptType.SoftwareInterrupt or InterruptType.SoftwareException or InterruptType.PrivilegedSoftwareException;
        if (!isSoftware && interrupt.Type != InterruptType.HardwareException)
            throw Refused($"a gdbstub delivers exceptions and software interrupts only, not {interrupt.Type}");
        if (!Idt.TryRead(memory, registers, out var idt, out var fault))
            throw Refused($"its IDT is not there: {fault}");
        if ((int)interrupt.Vector >= idt.Count
            || idt[interrupt.Vector] is not { Present: true, IsSystem: true, Type: GateType.Interrupt or GateType.Trap } gate)
            throw Refused("its IDT has no gate for it");
        var oldLevel = registers.Cs.Selector.Rpl;
        if (isSoftware && gate.Dpl < oldLevel)
            throw Refused($"its gate lets no code of privilege level {oldLevel} in");
        if (!DescriptorTable.ReadGdt(memory, registers).TryGet(gate.Selector, out var code)
            || code is not { IsSystem: false, Segment: { Present: true, LongMode: true } segment } || segment.Dpl > oldLevel)
            throw Refused($"its gate leads to {gate.Selector}, which is no 64-bit code");

        var newLevel = segment.Dpl;
        var stack = StackOf(memory, registers, gate, newLevel < oldLevel ? newLevel : null, Refused);
        var isFault = interrupt.Type == InterruptType.HardwareException
            && interrupt.Vector is not (ExceptionVector.Debug or ExceptionVector.DoubleFault);
        var flags = registers.Rflags.Value;
        var next = registers.Rip + (isSoftware ? (ulong)interrupt.InstructionLength : 0);
        Span<ulong> pushed =
        [
            interrupt.ErrorCode ?? 0,
            next,
            registers.Cs.Selector.Value,
            isFault ? flags | ResumeFlag : flags,
            registers.Rsp,
            registers.Ss.Selector.Value,
        ];
        if (interrupt.ErrorCode is null)
            pushed = pushed[1..];
        var frame = new byte[pushed.Length * sizeof(ulong)];
        for (var i = 0; i < pushed.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(i * sizeof(ulong)), pushed[i]);

        var top = (stack & ~15UL) - (ulong)frame.Length;
        foreach (var end in new[] { top, top + (ulong)frame.Length - 1 })
        {
            if (!memory.TryTranslate((new Va(end), registers.TranslationRoot), out var page, out _) || !page.Writable)
                throw Refused($"the stack of its handler at {new Va(end)} is not there");
        }
        var cleared = TrapFlag | NestedTask | ResumeFlag | Virtual8086 | (gate.Type == GateType.Interrupt ? InterruptFlag : 0);
        return new InterruptDelivery
        {
            Frame = frame,
            InstructionPointer = gate.Offset.Value,
            StackPointer = top,
            Flags = flags & ~cleared,
            CodeSelector = (ushort)(gate.Selector.Value & ~3 | newLevel),
            StackSelector = newLevel < oldLevel ? (ushort)newLevel : null,
        };
    }

    /// <summary>The stack that the gate names, else that of the more privileged level, else the current one.</summary>
    private static ulong StackOf(
        VmiMemory memory, Amd64Registers registers, IdtGate gate, int? newLevel, Func<string, VmiNotSupportedException> refused)
    {
        var offset = gate.InterruptStackTable is var number and > 0 ? InterruptStacks + (number - 1) * sizeof(ulong)
            : newLevel is { } level ? PrivilegeStacks + level * sizeof(ulong)
            : (int?)null;
        if (offset is null)
            return registers.Rsp;
        var at = new Va(registers.Tr.Base) + (ulong)offset.Value;
        return memory.TryReadUInt64((at, registers.TranslationRoot), out var stack, out var fault)
            ? stack
            : throw refused($"its TSS is not there: {fault}");
    }
}
