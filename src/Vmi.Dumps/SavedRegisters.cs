using System.Buffers.Binary;
using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>
/// Reads and writes the general registers in the order in which a kernel's entry saves them: Linux's `struct pt_regs` and
/// `user_regs_struct`, Xen's `cpu_user_regs`.
/// </summary>
internal static class SavedRegisters
{
    /// <summary>What stands at each place; null is what is no general register.</summary>
    private static readonly Amd64Register?[] Order =
    [
        Amd64Register.R15, Amd64Register.R14, Amd64Register.R13, Amd64Register.R12, Amd64Register.Rbp, Amd64Register.Rbx,
        Amd64Register.R11, Amd64Register.R10, Amd64Register.R9, Amd64Register.R8, Amd64Register.Rax, Amd64Register.Rcx,
        Amd64Register.Rdx, Amd64Register.Rsi, Amd64Register.Rdi, null, Amd64Register.Rip, null, Amd64Register.Rflags, Amd64Register.Rsp,
    ];

    /// <summary>Sets the general registers to what is saved.</summary>
    public static void Read(ReadOnlySpan<byte> saved, Amd64Registers registers)
    {
        for (var i = 0; i < Order.Length; i++)
        {
            if (Order[i] is { } register)
                registers[register] = BinaryPrimitives.ReadUInt64LittleEndian(saved[(i * 8)..]);
        }
    }

    /// <summary>Writes the general registers to their places.</summary>
    public static void Write(Span<byte> saved, Amd64Registers registers)
    {
        for (var i = 0; i < Order.Length; i++)
        {
            if (Order[i] is { } register)
                BinaryPrimitives.WriteUInt64LittleEndian(saved[(i * 8)..], registers[register]);
        }
    }
}
