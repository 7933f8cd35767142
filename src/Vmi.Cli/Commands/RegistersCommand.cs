using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vmi.Amd64;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;

namespace Vmi.Cli.Commands;

/// <summary>`registers`: those of all vCPUs at one moment, or of one.</summary>
internal sealed class RegistersCommand : TargetCommand
{
    private const int NumbersPerLine = 4;
    private const int WideNumbersPerLine = 2;

    private readonly Option<ushort?> _vcpu = CommonOptions.Vcpu("Only this vCPU.");

    public RegistersCommand()
        : base(
            "registers",
            "Shows the registers of all vCPUs at one moment. Those that the source does not have are named, never made up.",
            "vmi registers memory.elf",
            "vmi registers qemu:/run/vm/qmp.sock --vcpu 0 --json") =>
        Add(_vcpu);

    protected override void Run(CommandContext context)
    {
        var vcpus = context.Still(() => Read(context));
        if (context.IsJson)
            context.Output.Json([.. vcpus.Select(Describe)], CliJson.Default.IReadOnlyListJsonObject);
        else
            vcpus.ForEach(vcpu => Show(context.Output, vcpu));
    }

    private List<Vcpu> Read(CommandContext context)
    {
        if (!context.Core.Supports<IVmiQueryRegisters>())
            throw new VmiNotSupportedException("registers", context.Core.Driver.Name);
        var vcpus = context.Value(_vcpu) is { } only ? [only] : Enumerable.Range(0, context.Core.Info.Vcpus);
        var apics = context.Core.Driver as IVmiQueryLocalApic;
        return
        [
            .. vcpus.Select(vcpu => new Vcpu(
                vcpu, (Amd64Registers)context.Registers((ushort)vcpu).Clone(),
                apics?.GetLocalApic(new VcpuId((ushort)vcpu)) is { } apic ? LocalApicJson.Of(apic) : null)),
        ];
    }

    /// <summary>The registers by their names in the order of <see cref="Amd64Register"/>; null for what is not there.</summary>
    private static JsonObject Describe(Vcpu vcpu)
    {
        var registers = vcpu.Registers;
        var document = new JsonObject { ["vcpu"] = vcpu.Number };
        foreach (var register in All())
        {
            document[NameOf(register)] = !IsThere(registers, register) ? null
                : IsSegment(register) ? JsonSerializer.SerializeToNode(SegmentOf(registers, register), CliJson.Default.SegmentJson)
                : IsTable(register) ? JsonSerializer.SerializeToNode(TableOf(registers, register), CliJson.Default.TableJson)
                : NumberOf(registers, register);
        }

        document["local_apic"] = JsonSerializer.SerializeToNode(vcpu.LocalApic, CliJson.Default.LocalApicJson);
        return document;
    }

    private static void Show(Output output, Vcpu vcpu)
    {
        var registers = vcpu.Registers;
        var all = All();
        var there = all.Where(register => IsThere(registers, register)).ToList();
        output.Line($"vCPU {NumberText.Decimal(vcpu.Number)}");
        ShowNumbers(there.Where(register => !IsSegment(register) && !IsTable(register) && !IsXmm(register)), NumbersPerLine, 18);

        foreach (var register in there.Where(IsSegment))
        {
            var (selector, start, limit, access) = SegmentOf(registers, register);
            output.Line($"  {NameOf(register),-6} {selector,-6}  base {start,-18}  limit {limit,-10}  access {access}");
        }

        foreach (var register in there.Where(IsTable))
        {
            var (start, limit) = TableOf(registers, register);
            output.Line($"  {NameOf(register),-6}         base {start,-18}  limit {limit}");
        }

        ShowNumbers(there.Where(IsXmm), WideNumbersPerLine, 34);
        if (vcpu.LocalApic is { } apic)
            Show(output, apic);
        var lacking = all.Except(there).Select(register => IsXmm(register) ? "xmm0 to xmm15" : NameOf(register)).Distinct().ToList();
        if (vcpu.LocalApic is null)
            lacking.Add("local APIC");
        if (lacking.Count > 0)
            output.Line($"  not known to this source: {string.Join(", ", lacking)}");

        void ShowNumbers(IEnumerable<Amd64Register> numbers, int perLine, int width)
        {
            foreach (var line in numbers.Chunk(perLine))
            {
                var cells = line.Select(register => $"  {NameOf(register),-6} {NumberOf(registers, register).PadRight(width)}");
                output.Line(string.Concat(cells).TrimEnd());
            }
        }
    }

    private static void Show(Output output, LocalApicJson apic)
    {
        output.Line("  local APIC");
        var numbers = JsonSerializer.SerializeToNode(apic, CliJson.Default.LocalApicJson)!.AsObject();
        foreach (var line in numbers.Where(property => property.Value is not JsonArray).Chunk(WideNumbersPerLine))
            output.Line(string.Concat(line.Select(property => $"    {property.Key,-24}{property.Value?.ToString() ?? "-",-20}")).TrimEnd());
        foreach (var (name, vectors) in numbers.Where(property => property.Value is JsonArray))
            output.Line($"    {name,-24}{(vectors!.AsArray() is { Count: > 0 } some ? string.Join(' ', some) : "none")}");
    }

    /// <summary>All but the bases that the segments have already.</summary>
    private static IEnumerable<Amd64Register> All() =>
        Enum.GetValues<Amd64Register>().Where(register => Amd64Registers.GroupOf(register) != Amd64RegisterGroups.SegmentBases);

    private static string NameOf(Amd64Register register) => JsonNamingPolicy.SnakeCaseLower.ConvertName(register.ToString());

    private static bool IsThere(Amd64Registers registers, Amd64Register register) =>
        (registers.Available & Amd64Registers.GroupOf(register)) != 0;

    private static bool IsSegment(Amd64Register register) => register is >= Amd64Register.Cs and <= Amd64Register.Ldtr;

    private static bool IsXmm(Amd64Register register) => register is >= Amd64Register.Xmm0 and <= Amd64Register.Xmm15;

    private static string NumberOf(Amd64Registers registers, Amd64Register register) =>
        IsXmm(register) ? NumberText.Hex(registers.GetXmm(register)) : NumberText.Hex(registers[register]);

    private static bool IsTable(Amd64Register register) => register is Amd64Register.Gdtr or Amd64Register.Idtr;

    private static SegmentJson SegmentOf(Amd64Registers registers, Amd64Register register)
    {
        var segment = registers.GetSegment(register);
        return new SegmentJson(
            NumberText.Hex(segment.Selector.Value), NumberText.Hex(segment.Base), NumberText.Hex(segment.Limit),
            NumberText.Hex(segment.Access));
    }

    private static TableJson TableOf(Amd64Registers registers, Amd64Register register)
    {
        var table = register == Amd64Register.Gdtr ? registers.Gdtr : registers.Idtr;
        return new TableJson(NumberText.Hex(table.Base), NumberText.Hex(table.Limit));
    }

    /// <summary>What is shown of a vCPU.</summary>
    private sealed record Vcpu(int Number, Amd64Registers Registers, LocalApicJson? LocalApic);
}
