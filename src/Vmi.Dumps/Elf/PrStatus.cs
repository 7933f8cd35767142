using System.Buffers.Binary;
using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>
/// Reads and writes NT_PRSTATUS of x86-64 (`struct elf_prstatus`), which a crashing kernel writes for each CPU. Of its `pr_reg` only the
/// general registers are a CPU's: the selectors come without descriptors, and the bases of FS and GS are not filled in.
/// </summary>
internal static class PrStatus
{
    /// <summary>The structure's size.</summary>
    public const int Bytes = 336;

    private const int PidOffset = 32;            // pr_pid
    private const int RegistersOffset = 112;     // pr_reg, struct user_regs_struct

    /// <summary>The selectors by their places in `user_regs_struct`.</summary>
    private static readonly (int Place, Amd64Register Register)[] Selectors =
    [
        (17, Amd64Register.Cs), (20, Amd64Register.Ss), (23, Amd64Register.Ds), (24, Amd64Register.Es), (25, Amd64Register.Fs),
        (26, Amd64Register.Gs),
    ];

    /// <summary>Reads one note of <see cref="Bytes"/> bytes.</summary>
    public static Amd64Registers Parse(ReadOnlySpan<byte> status)
    {
        var registers = new Amd64Registers(Amd64RegisterGroups.General);
        SavedRegisters.Read(status[RegistersOffset..], registers);
        return registers;
    }

    /// <summary>Writes one note as QEMU does: the vCPU's number, from 1 on, stands for the process.</summary>
    /// <param name="registers">The registers, which have at least the general ones.</param>
    /// <param name="vcpu">The vCPU's number, from 0 on.</param>
    public static byte[] Format(Amd64Registers registers, int vcpu)
    {
        var status = new byte[Bytes];
        BinaryPrimitives.WriteInt32LittleEndian(status.AsSpan(PidOffset), vcpu + 1);
        var saved = status.AsSpan(RegistersOffset);
        SavedRegisters.Write(saved, registers);
        if (!registers.Available.HasFlag(Amd64RegisterGroups.Segments))
            return status;
        foreach (var (place, register) in Selectors)
            BinaryPrimitives.WriteUInt64LittleEndian(saved[(place * sizeof(ulong))..], registers.GetSegment(register).Selector.Value);
        return status;
    }
}
