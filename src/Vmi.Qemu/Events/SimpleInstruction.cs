using Vmi.Amd64;

namespace Vmi.Qemu;

/// <summary>
/// An instruction of 64-bit code that is carried out without the CPU, so that leaving a breakpoint on it costs no step: those that
/// functions begin with. None of them touches flags or can fault, but for the stack of a push, which is looked at before.
/// </summary>
/// <param name="Length">Its bytes.</param>
/// <param name="Target">The register that it sets; null for none.</param>
/// <param name="Source">The register whose value it takes; null for none.</param>
/// <param name="IsPush">Whether it pushes <see cref="Source"/>.</param>
internal readonly record struct SimpleInstruction(int Length, Amd64Register? Target, Amd64Register? Source, bool IsPush)
{
    /// <summary>The longest of them.</summary>
    public const int MaxLength = 9;

    private const int RexR = 4;
    private const int RexB = 1;

    /// <summary>Decodes `endbr64`, `nop` of any length, `push r64` and `mov r64, r64`; false for all else.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> code, out SimpleInstruction instruction)
    {
        instruction = default;
        if (code.StartsWith((ReadOnlySpan<byte>)[0xf3, 0x0f, 0x1e, 0xfa]))
            instruction = new SimpleInstruction(4, null, null, false);
        else if (LengthOfNop(code) is var length and > 0)
            instruction = new SimpleInstruction(length, null, null, false);
        else if (code is [>= 0x50 and <= 0x57, ..])
            instruction = new SimpleInstruction(1, null, Register(code[0] & 7), true);
        else if (code is [0x41, >= 0x50 and <= 0x57, ..])
            instruction = new SimpleInstruction(2, null, Register(8 + (code[1] & 7)), true);
        // REX.W 89 /r: to r/m from reg; REX.W 8b /r: to reg from r/m; both with two registers.
        else if (code is [>= 0x48 and <= 0x4f, 0x89 or 0x8b, >= 0xc0, ..])
        {
            var reg = Register((code[2] >> 3 & 7) + ((code[0] & RexR) != 0 ? 8 : 0));
            var rm = Register((code[2] & 7) + ((code[0] & RexB) != 0 ? 8 : 0));
            instruction = code[1] == 0x89 ? new SimpleInstruction(3, rm, reg, false) : new SimpleInstruction(3, reg, rm, false);
        }
        return instruction.Length > 0;
    }

    /// <summary>`90`, `66 90`, and `0f 1f /0` with the prefixes, base, index and displacement that make it longer (Intel SDM, NOP).</summary>
    private static int LengthOfNop(ReadOnlySpan<byte> code)
    {
        var prefix = code is [0x66, ..] ? 1 : 0;
        if (code[prefix..] is [0x90, ..])
            return prefix + 1;
        if (code[prefix..] is not [0x0f, 0x1f, var modrm, ..] || (modrm & 0x38) != 0 || modrm >= 0xc0)
            return 0;
        var hasSib = (modrm & 7) == 4;
        var displacement = (modrm >> 6) switch
        {
            1 => 1,
            2 => 4,
            _ when (modrm & 7) == 5 => 4,
            _ when hasSib && code.Length > prefix + 3 && (code[prefix + 3] & 7) == 5 => 4,
            _ => 0,
        };
        var length = prefix + 3 + (hasSib ? 1 : 0) + displacement;
        return length <= code.Length ? length : 0;
    }

    // In the order that instructions number them, which is that of Amd64Register.
    private static Amd64Register Register(int number) => (Amd64Register)((int)Amd64Register.Rax + number);
}
