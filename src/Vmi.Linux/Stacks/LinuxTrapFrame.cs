using Vmi.Amd64;

namespace Vmi.Linux;

/// <summary>The registers of code that was interrupted, as they lie on a kernel stack. Corresponds to `struct pt_regs`.</summary>
public sealed class LinuxTrapFrame
{
    internal LinuxTrapFrame(Va address)
    {
        Address = address;
    }

    /// <summary>
    /// Where it lies. Where it is not whole (<see cref="General"/> is null), only the part from `ip` on has been saved yet.
    /// </summary>
    public Va Address { get; }

    /// <summary>RIP: the instruction that was interrupted, or follows the system call.</summary>
    public Va InstructionPointer { get; private init; }

    /// <summary>RSP.</summary>
    public Va StackPointer { get; private init; }

    /// <summary>RFLAGS.</summary>
    public Rflags Flags { get; private init; }

    /// <summary>CS.</summary>
    public SegmentSelector CodeSegment { get; private init; }

    /// <summary>SS.</summary>
    public SegmentSelector StackSegment { get; private init; }

    /// <summary>
    /// `orig_ax`: the number of the system call, or what the kernel notes of an interrupt or exception; null where it is not saved yet.
    /// </summary>
    public ulong? OriginalRax { get; private init; }

    /// <summary>The general registers, RIP, RSP and RFLAGS among them; null where they are not saved yet.</summary>
    public Amd64Registers? General { get; private init; }

    /// <summary>Whether a program was interrupted, not the kernel itself.</summary>
    public bool IsUserMode => CodeSegment.Rpl == 3;

    /// <summary>Reads a frame off a stack; null if a part of it is not there.</summary>
    /// <param name="stacks">What reads.</param>
    /// <param name="layout">Where its registers are.</param>
    /// <param name="address">Where it lies.</param>
    /// <param name="isWhole">Whether all registers are saved, or just those that the CPU pushes.</param>
    internal static LinuxTrapFrame? TryRead(StackAreas stacks, TrapFrameLayout layout, ulong address, bool isWhole)
    {
        if (!TryReadField(layout.Ip, out var ip) || !TryReadField(layout.Cs, out var cs) || !TryReadField(layout.Flags, out var flags)
            || !TryReadField(layout.Sp, out var sp) || !TryReadField(layout.Ss, out var ss))
            return null;
        Amd64Registers? general = null;
        var original = 0UL;
        if (isWhole)
        {
            general = new Amd64Registers(Amd64RegisterGroups.General) { Rip = ip, Rsp = sp, Rflags = flags };
            foreach (var (register, field) in layout.General)
            {
                if (!TryReadField(field, out var value))
                    return null;
                general[register] = value;
            }

            if (!TryReadField(layout.OriginalAx, out original))
                return null;
        }

        return new LinuxTrapFrame(new Va(address))
        {
            InstructionPointer = new Va(ip),
            StackPointer = new Va(sp),
            Flags = flags,
            CodeSegment = (ushort)cs,
            StackSegment = (ushort)ss,
            OriginalRax = isWhole ? original : null,
            General = general,
        };

        bool TryReadField(Field field, out ulong value) => stacks.TryRead(unchecked(address + field.Offset), out value);
    }
}
