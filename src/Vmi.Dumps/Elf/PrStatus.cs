using System.Buffers.Binary;
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

    /// <summary>What stands at each place of `user_regs_struct`; null is what is not taken.</summary>
    private static readonly Amd64Register?[] Order =
    [
        Amd64Register.R15, Amd64Register.R14, Amd64Register.R13, Amd64Register.R12, Amd64Register.Rbp, Amd64Register.Rbx,
        Amd64Register.R11, Amd64Register.R10, Amd64Register.R9, Amd64Register.R8, Amd64Register.Rax, Amd64Register.Rcx,
        Amd64Register.Rdx, Amd64Register.Rsi, Amd64Register.Rdi, null, Amd64Register.Rip, null, Amd64Register.Rflags, Amd64Register.Rsp,
    ];

    /// <summary>Reads one note of <see cref="Bytes"/> bytes.</summary>
    public static Amd64Registers Parse(ReadOnlySpan<byte> status)
    {
        var registers = new Amd64Registers(Amd64RegisterGroups.General);
        for (var i = 0; i < Order.Length; i++)
        {
            if (Order[i] is { } register)
                registers[register] = BinaryPrimitives.ReadUInt64LittleEndian(status[(RegistersOffset + (i * 8))..]);
        }
        return registers;
    }
}
