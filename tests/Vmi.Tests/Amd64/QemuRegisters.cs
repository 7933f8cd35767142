using System.Globalization;
using System.Text.RegularExpressions;
using Vmi.Amd64;

namespace Vmi.Tests.Cpu;

/// <summary>Reads what QEMU's `info registers` prints.</summary>
internal static partial class QemuRegisters
{
    private const Amd64RegisterGroups Groups = Amd64RegisterGroups.General | Amd64RegisterGroups.Segments
        | Amd64RegisterGroups.DescriptorTables | Amd64RegisterGroups.Control | Amd64RegisterGroups.Debug | Amd64RegisterGroups.Efer;

    public static Amd64Registers Parse(string text)
    {
        var registers = new Amd64Registers(Groups);
        foreach (Match match in Number().Matches(text))
        {
            var name = match.Groups[1].Value;
            if (name.Length == 3 && name[0] == 'E')
                name = "R" + name[1..];
            name = name switch { "RFL" => "Rflags", _ => name };
            if (Enum.TryParse<Amd64Register>(name, ignoreCase: true, out var register) && (Groups & Amd64Registers.GroupOf(register)) != 0)
                registers[register] = Hex(match.Groups[2]);
        }

        foreach (Match match in Segment().Matches(text))
        {
            var name = match.Groups[1].Value;
            var register = name == "LDT" ? Amd64Register.Ldtr : Enum.Parse<Amd64Register>(name, ignoreCase: true);
            registers.SetSegment(register, new SegmentDescriptor(
                (ushort)Hex(match.Groups[2]), Hex(match.Groups[3]), (uint)Hex(match.Groups[4]),
                SegmentDescriptor.AccessOf((uint)Hex(match.Groups[5]))));
        }

        foreach (Match match in Table().Matches(text))
        {
            var table = new DescriptorTableRegister(new Va(Hex(match.Groups[2])), (ushort)Hex(match.Groups[3]));
            if (match.Groups[1].Value == "GDT")
                registers.Gdtr = table;
            else
                registers.Idtr = table;
        }

        return registers;
    }

    private static ulong Hex(Group group) => ulong.Parse(group.Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [GeneratedRegex("([A-Z][A-Z0-9]{1,4}) ?=([0-9a-f]{8,16})\\b")]
    private static partial Regex Number();

    [GeneratedRegex("^([A-Z]{2,3}) ?=([0-9a-f]{4}) ([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+)", RegexOptions.Multiline)]
    private static partial Regex Segment();

    [GeneratedRegex("^(GDT|IDT)= +([0-9a-f]+) ([0-9a-f]+)", RegexOptions.Multiline)]
    private static partial Regex Table();
}
