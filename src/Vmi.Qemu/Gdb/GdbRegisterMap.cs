using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Xml;
using Vmi.Amd64;

namespace Vmi.Qemu;

/// <summary>Which registers the stub has and where, by its own description of the target (`target.xml`).</summary>
internal sealed class GdbRegisterMap
{
    private const int MaxRegisters = 4096;
    private const int MaxIncludes = 16;
    private const int MaxBits = 4096;

    private readonly List<GdbRegister> _registers = [];
    private readonly GdbRegister?[] _byRegister = new GdbRegister?[(int)Amd64Register.Mxcsr + 1];
    private int _next;
    private int _length;

    private GdbRegisterMap()
    {
    }

    /// <summary>The groups of which the stub has every register.</summary>
    public Amd64RegisterGroups Groups { get; private set; }

    /// <summary>The registers of these groups.</summary>
    public IReadOnlyList<GdbRegister> Registers => _registers;

    /// <summary>The stub's number of the selector in CS; writing it loads the hidden part too.</summary>
    public int? CsSelector { get; private set; }

    /// <summary>The stub's number of the selector in SS; writing it loads the hidden part too.</summary>
    public int? SsSelector { get; private set; }

    /// <summary>The bytes that hold all of these registers in the answer to `g`.</summary>
    public int Length { get; private set; }

    /// <summary>Asks the stub.</summary>
    /// <exception cref="VmiDriverException">It does not describe an x86 machine.</exception>
    public static GdbRegisterMap Read(GdbClient client)
    {
        var map = new GdbRegisterMap();
        map.Include(client, "target.xml", MaxIncludes);
        for (var bit = 1; bit <= (int)Amd64RegisterGroups.All; bit <<= 1)
        {
            var group = (Amd64RegisterGroups)bit;
            if (MembersOf(group).All(register => map._byRegister[(int)register] is not null))
                map.Groups |= group;
        }
        foreach (var register in map._byRegister)
        {
            if (register is { } known && (Amd64Registers.GroupOf(known.Register) & map.Groups) != 0)
            {
                map._registers.Add(known);
                map.Length = Math.Max(map.Length, known.Offset + known.Size);
            }
        }
        return (map.Groups & Amd64RegisterGroups.General) != 0
            ? map
            : throw new VmiDriverException("QEMU's gdbstub does not describe the registers of an x86 machine.");
    }

    /// <summary>Where a register is; null if the stub does not have it.</summary>
    public GdbRegister? Find(Amd64Register register) =>
        _byRegister[(int)register] is { } known && (Amd64Registers.GroupOf(register) & Groups) != 0 ? known : null;

    /// <summary>Decodes an answer to `g` into bytes.</summary>
    /// <exception cref="VmiDriverException">It is none.</exception>
    public void Decode(ReadOnlySpan<byte> hex, Span<byte> values)
    {
        if (hex.Length < 2 * Length
            || Convert.FromHexString(hex[..(2 * Length)], values, out _, out _) != OperationStatus.Done)
            throw new VmiDriverException("QEMU's gdbstub answers with other registers than it described.");
    }

    /// <summary>A register's value in bytes that were decoded.</summary>
    public static ulong Value(in GdbRegister register, ReadOnlySpan<byte> values) => register.Size == sizeof(uint)
        ? BinaryPrimitives.ReadUInt32LittleEndian(values[register.Offset..])
        : BinaryPrimitives.ReadUInt64LittleEndian(values[register.Offset..]);

    /// <summary>Registers of which the stub has a part only (a selector without its hidden part) count as lacking.</summary>
    private static IEnumerable<Amd64Register> MembersOf(Amd64RegisterGroups group)
    {
        for (var register = Amd64Register.Rax; register <= Amd64Register.Mxcsr; register++)
        {
            if (Amd64Registers.GroupOf(register) == group)
                yield return register;
        }
    }

    private void Include(GdbClient client, string name, int mayInclude)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null };
        // QEMU uses the prefix without declaring it.
        var namespaces = new XmlNamespaceManager(new NameTable());
        namespaces.AddNamespace("xi", "http://www.w3.org/2001/XInclude");
        var context = new XmlParserContext(namespaces.NameTable, namespaces, null, XmlSpace.None);
        using var xml = XmlReader.Create(new StringReader(client.ReadFeature(name)), settings, context);
        try
        {
            while (xml.Read())
            {
                if (xml.NodeType != XmlNodeType.Element)
                    continue;
                if (xml.LocalName == "include" && xml.GetAttribute("href") is { } other && mayInclude > 0)
                    Include(client, other, mayInclude - 1);
                else if (xml.LocalName == "reg")
                    Add(xml.GetAttribute("name"), xml.GetAttribute("bitsize"), xml.GetAttribute("regnum"));
            }
        }
        catch (XmlException error)
        {
            throw new VmiDriverException($"QEMU's gdbstub has a malformed {name}: {error.Message}", error);
        }
    }

    private void Add(string? name, string? bits, string? number)
    {
        if (!int.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out var size) || size is <= 0 or > MaxBits || size % 8 != 0)
            throw new VmiDriverException($"QEMU's gdbstub describes a register {name} of {bits} bits.");
        if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var given))
            _next = given;
        if (_next >= MaxRegisters)
            throw new VmiDriverException($"QEMU's gdbstub describes more than {MaxRegisters} registers.");
        size /= 8;
        if (RegisterOf(name) is { } register && size is sizeof(uint) or sizeof(ulong))
            _byRegister[(int)register] ??= new GdbRegister(register, _next, _length, size);
        else if (name == "cs")
            CsSelector = _next;
        else if (name == "ss")
            SsSelector = _next;
        _next++;
        _length += size;
    }

    private static Amd64Register? RegisterOf(string? name) => name switch
    {
        null => null,
        "eflags" => Amd64Register.Rflags,
        "fs_base" => Amd64Register.FsBase,
        "gs_base" => Amd64Register.GsBase,
        "k_gs_base" => Amd64Register.KernelGsBase,
        "cs" or "ds" or "es" or "fs" or "gs" or "ss" => null,
        _ => char.IsAsciiLetter(name[0]) && Enum.TryParse<Amd64Register>(name, ignoreCase: true, out var register) ? register : null,
    };
}
