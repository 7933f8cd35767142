using System.CommandLine;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;

namespace Vmi.Cli.Commands;

/// <summary>`read`: memory.</summary>
internal sealed class ReadCommand : TargetCommand
{
    private const int MostBytes = 256 * 1024 * 1024;

    /// <summary>As much as fits in one JSON string for every parser.</summary>
    private const int MostBytesAsJson = 64 * 1024 * 1024;

    private readonly Argument<AddressExpression> _address = CommonOptions.Address();
    private readonly Argument<int> _length = new("LENGTH")
    {
        Description = "How many bytes, decimal or 0x and hexadecimal digits; at most 256 MiB, with --json 64 MiB.",
        CustomParser = Numbers.Count(MostBytes),
    };

    private readonly Option<bool> _raw = new("--raw") { Description = "The bytes as they are, for a file or another program." };
    private readonly AddressSpaceOptions _space;

    public ReadCommand()
        : base(
            "read",
            "Reads memory: of the kernel, of a process (--pid), or physical (--physical). Ends before a page that is missing.",
            "vmi read memory.elf linux_banner 128",
            "vmi read memory.elf 0x7ffc12345000 0x1000 --pid 1 --raw > page",
            "vmi read memory.raw 0x1000 64 --physical")
    {
        Add(_address);
        Add(_length);
        _space = new AddressSpaceOptions(this, physical: true);
        Add(_raw);
        Validators.Add(result =>
        {
            if (result.GetResult(CommonOptions.Json) is null)
                return;
            if (result.GetResult(_raw) is not null)
                result.AddError("--raw and --json exclude each other.");
            else if (result.GetResult(_length) is { Tokens: [{ Value: var length }] }
                && Numbers.TryParse(length, out var bytes) && bytes > MostBytesAsJson)
                result.AddError("--json gives at most 64 MiB; --raw gives more.");
        });
    }

    protected override void Run(CommandContext context)
    {
        var (access, bytes) = _space.Read(context, context.Value(_address), (memory, access) =>
        {
            var buffer = new byte[context.Value(_length)];
            if (memory.TryRead(access, buffer, out var fault))
                return (access, buffer);
            var count = unchecked(fault.Address - access.Address);
            if (count == 0)
                throw new TranslationFaultException(fault);
            context.Missing(fault.ToString());
            return (access, buffer[..(int)count]);
        });

        if (context.Value(_raw))
            context.Output.Raw(bytes);
        else if (context.IsJson)
            context.Output.Json(
                new ReadJson(
                    NumberText.Hex(access.Address), AddressSpaceOptions.RootOf(access), bytes.Length, Convert.ToHexStringLower(bytes)),
                CliJson.Default.ReadJson);
        else
            foreach (var line in HexDump.Lines(access.Address, bytes))
                context.Output.Line(line);
    }
}
