using System.CommandLine;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;

namespace Vmi.Cli.Commands;

/// <summary>`disasm`: code.</summary>
internal sealed class DisasmCommand : TargetCommand
{
    private const int MostInstructions = 1_000_000;
    private const int LongestInstruction = 15;

    private readonly Argument<AddressExpression> _address = CommonOptions.Address("ADDRESS|SYMBOL");
    private readonly Argument<int> _count = new("COUNT")
    {
        Description = "How many instructions.",
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => 16,
        CustomParser = Numbers.Count(MostInstructions),
    };

    private readonly AddressSpaceOptions _space;

    public DisasmCommand()
        : base(
            "disasm",
            "Disassembles code: each instruction with its address and bytes. Kernel addresses are shown as symbols.",
            "vmi disasm memory.elf __x64_sys_execve",
            "vmi disasm memory.elf 0x55d0c0001000 8 --pid 1")
    {
        Add(_address);
        Add(_count);
        _space = new AddressSpaceOptions(this, physical: true);
    }

    protected override void Run(CommandContext context)
    {
        var count = context.Value(_count);
        var (start, code, bits, fault) = _space.Read(context, context.Value(_address), (memory, access) =>
        {
            var buffer = new byte[count * LongestInstruction];
            var isWhole = memory.TryRead(access, buffer, out var end);
            var length = isWhole ? buffer.Length : (int)unchecked(end.Address - access.Address);
            return (access.Address, buffer.AsMemory(0, length), _space.CodeBits(context), isWhole ? (TranslationFault?)null : end);
        });
        if (code.IsEmpty)
            throw new TranslationFaultException(fault!.Value);

        var profile = context.LinuxIfFound?.Kernel.Profile;
        var instructions = Disassembly.Of(start, code, bits, count, profile);
        if (instructions.Count < count && fault is { } missing)
            context.Missing(missing.ToString());
        if (context.IsJson)
            context.Output.Json(instructions, CliJson.Default.IReadOnlyListInstructionJson);
        else
            Show(context.Output, instructions);
    }

    private static void Show(Output output, IReadOnlyList<InstructionJson> instructions)
    {
        string? function = null;
        foreach (var instruction in instructions)
        {
            var name = instruction.Symbol?.Split('+')[0];
            if (name is not null && name != function)
                output.Line($"{instruction.Symbol}:");
            function = name;
            output.Line($"  {instruction.Address[2..].PadLeft(16, '0')}  {instruction.Bytes,-24}  {instruction.Text}");
        }
    }
}
