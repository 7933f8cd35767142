using System.CommandLine;
using Vmi.Amd64;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;

namespace Vmi.Cli.Commands;

/// <summary>`registers`: those of all vCPUs at one moment, or of one.</summary>
internal sealed class RegistersCommand : TargetCommand
{
    private const int NumbersPerLine = 4;

    private readonly Option<ushort?> _vcpu = CommonOptions.Vcpu("Only this vCPU.");

    public RegistersCommand()
        : base(
            "registers",
            "Shows the registers of the vCPUs, of one moment. What the source does not carry is left out, never made up.",
            "vmi registers memory.elf",
            "vmi registers qemu:/run/vm/qmp.sock --vcpu 0 --json") =>
        Add(_vcpu);

    protected override void Run(CommandContext context)
    {
        var vcpus = context.Still(() => Read(context));
        if (context.IsJson)
            context.Output.Json(vcpus, CliJson.Default.IReadOnlyListRegistersJson);
        else
            foreach (var vcpu in vcpus)
                Show(context.Output, vcpu);
    }

    private List<RegistersJson> Read(CommandContext context)
    {
        if (context.Value(_vcpu) is { } only)
            return [Describe(only, context.Registers(only))];
        if (!context.Core.Supports<IVmiQueryRegisters>())
            throw new VmiNotSupportedException("registers", context.Core.Driver.Name);
        return [.. Enumerable.Range(0, context.Core.Info.Vcpus).Select(vcpu => Describe(vcpu, context.Registers((ushort)vcpu)))];
    }

    private static RegistersJson Describe(int vcpu, Registers registers)
    {
        var amd64 = (Amd64Registers)registers;
        var numbers = new Dictionary<string, string?>();
        var segments = new Dictionary<string, SegmentJson?>();
        var tables = new Dictionary<string, TableJson?>();
        for (var register = Amd64Register.Rax; register <= Amd64Register.TscAux; register++)
        {
            var name = register.ToString().ToLowerInvariant();
            var isThere = (amd64.Available & Amd64Registers.GroupOf(register)) != 0;
            if (register is >= Amd64Register.Cs and <= Amd64Register.Ldtr)
                segments[name] = isThere ? Describe(amd64.GetSegment(register)) : null;
            else if (register is Amd64Register.Gdtr or Amd64Register.Idtr)
                tables[name] = isThere ? Describe(register == Amd64Register.Gdtr ? amd64.Gdtr : amd64.Idtr) : null;
            else
                numbers[name] = isThere ? NumberText.Hex(amd64[register]) : null;
        }

        return new RegistersJson(vcpu, numbers, segments, tables);
    }

    private static SegmentJson Describe(SegmentDescriptor segment) => new(
        NumberText.Hex(segment.Selector.Value), NumberText.Hex(segment.Base), NumberText.Hex(segment.Limit), NumberText.Hex(segment.Access));

    private static TableJson Describe(DescriptorTableRegister table) => new(NumberText.Hex(table.Base), NumberText.Hex(table.Limit));

    private static void Show(Output output, RegistersJson vcpu)
    {
        output.Line($"vCPU {NumberText.Decimal(vcpu.Vcpu)}");
        foreach (var line in vcpu.Registers.Where(register => register.Value is not null).Chunk(NumbersPerLine))
            output.Line("  " + string.Join("  ", line.Select(register => $"{register.Key,-3} {register.Value,-18}")).TrimEnd());
        foreach (var (name, segment) in vcpu.Segments)
            if (segment is not null)
                output.Line($"  {name,-4} {segment.Selector,-6}  base {segment.Base,-18}  limit {segment.Limit,-10}  access {segment.Access}");
        foreach (var (name, table) in vcpu.Tables)
            if (table is not null)
                output.Line($"  {name,-4}         base {table.Base,-18}  limit {table.Limit}");
        var lacking = vcpu.Registers.Where(register => register.Value is null).Select(register => register.Key).ToList();
        if (lacking.Count > 0)
            output.Line($"  not known to this source: {string.Join(", ", lacking)}");
    }
}
