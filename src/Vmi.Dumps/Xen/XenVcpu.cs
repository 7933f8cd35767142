using System.Buffers.Binary;
using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>
/// Reads `vcpu_guest_context_t` of x86-64 (xen/arch-x86/xen.h) as Xen fills it for an HVM or PVH guest. Of segments there are the
/// selectors and the bases of FS and GS; descriptor tables, EFER and the system call MSRs are not in it.
/// </summary>
internal static class XenVcpu
{
    /// <summary>The structure's size.</summary>
    public const int Bytes = 5168;

    private const int UserRegisters = 520;       // user_regs
    private const int CodeSelector = 656;        // user_regs.cs
    private const int ControlRegisters = 4984;   // ctrlreg
    private const int DebugRegisters = 5048;     // debugreg
    private const int FsBase = 5144, KernelGsBase = 5152, UserGsBase = 5160;

    private static readonly (Amd64Register Register, int Offset)[] Others =
    [
        (Amd64Register.Cr0, ControlRegisters), (Amd64Register.Cr2, ControlRegisters + 16), (Amd64Register.Cr3, ControlRegisters + 24),
        (Amd64Register.Cr4, ControlRegisters + 32), (Amd64Register.Dr0, DebugRegisters), (Amd64Register.Dr1, DebugRegisters + 8),
        (Amd64Register.Dr2, DebugRegisters + 16), (Amd64Register.Dr3, DebugRegisters + 24), (Amd64Register.Dr6, DebugRegisters + 48),
        (Amd64Register.Dr7, DebugRegisters + 56), (Amd64Register.FsBase, FsBase),
    ];

    /// <summary>Reads one vCPU of <see cref="Bytes"/> bytes.</summary>
    public static Amd64Registers Parse(ReadOnlySpan<byte> context)
    {
        var registers = new Amd64Registers(Amd64RegisterGroups.General | Amd64RegisterGroups.Control | Amd64RegisterGroups.Debug
            | Amd64RegisterGroups.SegmentBases | Amd64RegisterGroups.KernelGsBase);
        SavedRegisters.Read(context[UserRegisters..], registers);
        foreach (var (register, offset) in Others)
            registers[register] = BinaryPrimitives.ReadUInt64LittleEndian(context[offset..]);

        // Xen calls the base that the kernel uses `gs_base_kernel`: in ring 0 that is the one of GS itself.
        var inKernel = (context[CodeSelector] & 3) == 0;
        var kernel = BinaryPrimitives.ReadUInt64LittleEndian(context[KernelGsBase..]);
        var user = BinaryPrimitives.ReadUInt64LittleEndian(context[UserGsBase..]);
        registers[Amd64Register.GsBase] = inKernel ? kernel : user;
        registers[Amd64Register.KernelGsBase] = inKernel ? user : kernel;
        return registers;
    }
}
