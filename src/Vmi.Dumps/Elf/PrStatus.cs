using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>
/// Reads NT_PRSTATUS of x86-64 (`struct elf_prstatus`), which a crashing kernel writes for each CPU. Of its `pr_reg` only the general
/// registers are a CPU's: the selectors come without descriptors, and the bases of FS and GS are not filled in.
/// </summary>
internal static class PrStatus
{
    /// <summary>The structure's size.</summary>
    public const int Bytes = 336;

    private const int RegistersOffset = 112;     // pr_reg, struct user_regs_struct

    /// <summary>Reads one note of <see cref="Bytes"/> bytes.</summary>
    public static Amd64Registers Parse(ReadOnlySpan<byte> status)
    {
        var registers = new Amd64Registers(Amd64RegisterGroups.General);
        SavedRegisters.Read(status[RegistersOffset..], registers);
        return registers;
    }
}
