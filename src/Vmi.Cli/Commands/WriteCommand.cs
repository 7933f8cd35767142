using System.Buffers;
using System.CommandLine;
using System.CommandLine.Parsing;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;

namespace Vmi.Cli.Commands;

/// <summary>`write`: memory of a running VM.</summary>
internal sealed class WriteCommand : TargetCommand
{
    private readonly Argument<AddressExpression> _address = CommonOptions.Address();
    private readonly Argument<byte[]> _bytes = new("BYTES")
    {
        Description = "Hexadecimal digits, two a byte: 90cc or \"90 cc\".",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ParseBytes,
    };

    private readonly AddressSpaceOptions _space;

    public WriteCommand()
        : base(
            "write",
            "Writes memory of a running VM: of the kernel, of a process (--pid), or physical (--physical). Memory files are never changed.",
            "vmi write qemu:/run/vm/qmp.sock 0xffff888003a12340 00000000",
            "vmi write qemu:pid=4711 0x7ffc12345000 48656c6c6f --pid 123")
    {
        Add(_address);
        Add(_bytes);
        _space = new AddressSpaceOptions(this, physical: true);
    }

    protected override void Run(CommandContext context)
    {
        var bytes = context.Value(_bytes)!;
        if (!context.Core.Supports<IVmiWrite>())
            throw new VmiNotSupportedException("writing memory", context.Core.Driver.Name);
        var access = _space.Read(context, context.Value(_address), (memory, access) =>
        {
            memory.Write(access, bytes);
            return access;
        });

        var document = new WriteJson(NumberText.Hex(access.Address), AddressSpaceOptions.RootOf(access), bytes.Length);
        if (context.IsJson)
            context.Output.Json(document, CliJson.Default.WriteJson);
        else
            context.Output.Line($"wrote {NumberText.Decimal(document.Length)} bytes at {document.Address}");
    }

    private static byte[] ParseBytes(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var digits = text.Replace(" ", "", StringComparison.Ordinal);
        var bytes = new byte[digits.Length / 2];
        if (bytes.Length == 0 || Convert.FromHexString(digits, bytes, out _, out _) != OperationStatus.Done)
            result.AddError($"'{text}' are no bytes: write hexadecimal digits, two a byte, in the order of memory.");
        return bytes;
    }
}
