using Iced.Intel;
using Vmi.Cli.Json;
using Vmi.Symbols;

namespace Vmi.Cli.Text;

/// <summary>Decodes code into lines.</summary>
internal static class Disassembly
{
    /// <summary>The first instructions of a piece of code: fewer if it ends before.</summary>
    /// <param name="address">Where the code lies in the guest.</param>
    /// <param name="code">The code.</param>
    /// <param name="bits">16, 32 or 64.</param>
    /// <param name="count">How many instructions.</param>
    /// <param name="profile">What names addresses of the kernel; null if nothing does.</param>
    public static IReadOnlyList<InstructionJson> Of(ulong address, ReadOnlyMemory<byte> code, int bits, int count, Profile? profile)
    {
        var decoder = Decoder.Create(bits, code.ToArray());
        decoder.IP = address;
        var formatter = new IntelFormatter(profile is null ? null : new KernelSymbols(profile));
        formatter.Options.HexPrefix = "0x";
        formatter.Options.HexSuffix = "";
        formatter.Options.UppercaseHex = false;
        formatter.Options.SmallHexNumbersInDecimal = false;
        formatter.Options.SpaceAfterOperandSeparator = true;
        formatter.Options.ShowSymbolAddress = false;
        formatter.Options.BranchLeadingZeros = false;
        var output = new StringOutput();
        var instructions = new List<InstructionJson>();
        for (var at = 0; instructions.Count < count && at < code.Length; at += instructions[^1].Bytes.Length / 2)
        {
            decoder.Decode(out var instruction);
            // Cut off, not invalid: more bytes would have made it one.
            if (decoder.LastError == DecoderError.NoMoreBytes)
                break;
            formatter.Format(instruction, output);
            ulong? target = TargetOf(instruction);
            instructions.Add(new InstructionJson(
                NumberText.Hex(instruction.IP),
                Convert.ToHexStringLower(code.Span.Slice(at, instruction.Length)),
                output.ToStringAndReset(),
                profile?.Resolve(new Va(instruction.IP))?.ToString(),
                target is { } there ? NumberText.Hex(there) : null,
                target is { } known ? profile?.Resolve(new Va(known))?.ToString() : null));
        }

        return instructions;
    }

    /// <summary>Where a direct jump or call leads, or what an operand relative to RIP names.</summary>
    private static ulong? TargetOf(in Instruction instruction) =>
        instruction.Op0Kind is OpKind.NearBranch16 or OpKind.NearBranch32 or OpKind.NearBranch64 ? instruction.NearBranchTarget
        : instruction.IsIPRelativeMemoryOperand ? instruction.IPRelativeMemoryAddress
        : null;

    private sealed class KernelSymbols(Profile profile) : ISymbolResolver
    {
        public bool TryGetSymbol(
            in Instruction instruction, int operand, int instructionOperand, ulong address, int addressSize, out SymbolResult symbol)
        {
            // Small numbers are no addresses of a kernel; Resolve says no to all that lie outside its image.
            if (profile.Resolve(new Va(address)) is { } location)
            {
                symbol = new SymbolResult(address, location.ToString());
                return true;
            }

            symbol = default;
            return false;
        }
    }
}
