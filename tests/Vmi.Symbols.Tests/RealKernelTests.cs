using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Vmi.Symbols.Tests;

/// <summary>Debian's kernels, found by Vmi in their images, against bpftool, pahole and readelf.</summary>
public sealed partial class RealKernelTests
{
    public static TheoryData<string> Versions => ["6.1", "6.12"];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Every_type_is_what_bpftool_says(string version)
    {
        var kernel = RealKernel.Get(version);
        var types = kernel.Profile.Types;
        using var theirs = JsonDocument.Parse(kernel.Run("bpftool", "btf dump file {btf} -j"));
        var count = 1;
        foreach (var type in theirs.RootElement.GetProperty("types").EnumerateArray())
        {
            Assert.Equal(Describe(type), Describe(types[count]));
            count++;
        }

        Assert.Equal(count, types.Count);
        Assert.True(count > 50_000);
    }

    /// <summary>Of 6.1: later modules' files carry a base of their own, which the kernel exchanges for its types when it loads them.</summary>
    [Fact]
    public void Every_type_of_a_module_is_what_bpftool_says()
    {
        var kernel = RealKernel.Get("6.1");
        var blob = kernel.ModuleBtf("dm-mod", out var json);
        var types = BtfTypes.ParseSplit(blob, kernel.Profile.Types);
        using var theirs = JsonDocument.Parse(json);
        var id = kernel.Profile.Types.Count;
        foreach (var type in theirs.RootElement.GetProperty("types").EnumerateArray())
        {
            Assert.Equal(id, type.GetProperty("id").GetInt32());
            Assert.Equal(Describe(type), Describe(types[id]));
            id++;
        }

        Assert.Equal(id, types.Count);
        Assert.True(id - kernel.Profile.Types.Count > 200);
        Assert.Same(kernel.Profile.Types, types.Base);
        // Its own types and the kernel's are found by name, and the kernel's alone don't have them.
        Assert.True(types.TryFindMember("mapped_device", "disk", out _));
        Assert.True(types.TryFindMember("task_struct", "tgid", out _));
        Assert.False(kernel.Profile.Types.TryFind("mapped_device", out _));
        Assert.True(types.TryGetLayout("mapped_device", out var layout));
        Assert.Contains("struct gendisk *disk", layout.ToString(), StringComparison.Ordinal);
        Assert.Throws<VmiFormatException>(() => BtfTypes.ParseSplit(blob, BtfTypes.Parse(SampleImage.Btf())));
        HostileInputTests.ForEachMutation(blob, 9, bytes =>
        {
            if (BtfTypes.TryParse(bytes, null, out _, kernel.Profile.Types) is { } mutated)
                for (var i = kernel.Profile.Types.Count; i < mutated.Count; i++)
                {
                    mutated.TryGetSize(i, out _);
                    Assert.NotNull(mutated.TypeName(i));
                }
        }, rounds: 100);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Every_structure_is_laid_out_as_pahole_says(string version)
    {
        var kernel = RealKernel.Get(version);
        var compared = 0;
        var different = new List<string>();
        var once = Names(kernel.Profile.Types).CountBy(name => name).Where(pair => pair.Value == 1).Select(pair => pair.Key).ToHashSet();
        foreach (var (name, lines) in PaholeStructures(kernel.Run("pahole", "-F btf {btf}")))
        {
            // pahole shows one of several structures with a name, Vmi the first: only names that occur once are compared.
            if (!once.Contains(name) || !kernel.Profile.Types.TryGetLayout($"struct {name}", out var layout))
                continue;
            var ours = Flatten(layout.Members).ToList();
            // pahole opens structures behind pointers too, and counts their members from 0.
            if (ours.Any(line => line.Contains("{...}*", StringComparison.Ordinal)))
                continue;
            if (!lines.SequenceEqual(ours))
                different.Add($"{name}: {string.Join(", ", lines.Except(ours))} (pahole), {string.Join(", ", ours.Except(lines))} (Vmi)");
            compared += lines.Count;
        }

        Assert.Empty(different);
        Assert.True(compared > 30_000, $"{compared} members");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Symbols_lie_where_the_sections_of_the_elf_file_do(string version)
    {
        var kernel = RealKernel.Get(version);
        var sections = Section().Matches(kernel.Run("readelf", "-SW {elf}")).ToDictionary(
            m => m.Groups[1].Value,
            m => (Start: ulong.Parse(m.Groups[2].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                Size: ulong.Parse(m.Groups[3].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
        var profile = kernel.Profile;

        Assert.Equal(sections[".text"].Start, profile.TextBase.Value);
        Assert.Equal(sections[".rodata"].Start, profile.Symbol("__start_rodata").Value);
        Assert.Equal(sections[".BTF"].Start, profile.Symbol("__start_BTF").Value);
        Assert.Equal(sections[".BTF"].Size, profile.Symbol("__stop_BTF") - profile.Symbol("__start_BTF"));
        Assert.Equal(sections[".BTF"].Size, (ulong)profile.Types.Blob.Length);
        Assert.Equal(sections[".init.text"].Start, profile.Symbol("_sinittext").Value);
        Assert.Equal(sections[".bss"].Start, profile.Symbol("__bss_start").Value);
        Assert.Equal(sections[".notes"].Start, profile.Symbol("__start_notes").Value);
        Assert.True(profile.Symbols.TryGet("__per_cpu_end", out var perCpuEnd) && perCpuEnd.IsAbsolute);
        Assert.InRange(perCpuEnd.Address.Value, sections[".data..percpu"].Size - 4096, sections[".data..percpu"].Size);
        Assert.Contains(profile.Kernel.BuildId!, kernel.Run("readelf", "-n {elf}"), StringComparison.Ordinal);
        Assert.StartsWith($"Linux version {version}.", profile.Kernel.Banner, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Every_name_leads_back_to_its_symbol(string version)
    {
        var symbols = RealKernel.Get(version).Profile.Symbols;
        var last = default(Va);
        foreach (var symbol in symbols.All())
        {
            Assert.True(symbol.Address >= last, symbol.Name);
            Assert.True(symbols.TryGetAddress(symbol.Name, out var lowest) && lowest <= symbol.Address, symbol.Name);
            last = symbol.Address;
        }
    }

    private static string Describe(JsonElement type)
    {
        var kind = type.GetProperty("kind").GetString()!;
        var text = $"{kind} {Name(type)}";
        text += kind switch
        {
            "INT" => $" {type.GetProperty("size")} {type.GetProperty("nr_bits")} {type.GetProperty("bits_offset")} {IsSigned(type)}",
            "ARRAY" => $" {type.GetProperty("type_id")} {type.GetProperty("nr_elems")}",
            "FWD" => $" {type.GetProperty("fwd_kind")}",
            "FUNC_PROTO" => $" {type.GetProperty("ret_type_id")}",
            "STRUCT" or "UNION" or "FLOAT" => $" {type.GetProperty("size")}",
            "ENUM" or "ENUM64" => $" {type.GetProperty("size")} {IsSigned(type)}",
            "DATASEC" => $" {type.GetProperty("size")} {type.GetProperty("vlen")}",
            _ => $" {type.GetProperty("type_id")}",
        };
        if (type.TryGetProperty("members", out var members))
            foreach (var member in members.EnumerateArray())
                text += $"\n{Name(member)} {member.GetProperty("type_id")} {member.GetProperty("bits_offset")} "
                    + (member.TryGetProperty("bitfield_size", out var bits) ? bits.GetInt32() : 0);
        if (type.TryGetProperty("values", out var values))
            foreach (var value in values.EnumerateArray())
                text += $"\n{Name(value)} {Value(value.GetProperty("val"), type)}";
        if (type.TryGetProperty("params", out var parameters))
            foreach (var parameter in parameters.EnumerateArray())
                text += $"\n{Name(parameter)} {parameter.GetProperty("type_id")}";
        return text;

        // This bpftool prints unsigned 32-bit enumerators as signed ones, of 64 bits.
        static long Value(JsonElement value, JsonElement type)
        {
            var number = value.TryGetInt64(out var signed) ? signed : (long)value.GetUInt64();
            return type.GetProperty("size").GetInt32() == 4 && !IsSigned(type) ? (uint)number : number;
        }

        static bool IsSigned(JsonElement type) => type.GetProperty("encoding").GetString() == "SIGNED";

        static string Name(JsonElement element) => element.GetProperty("name").GetString() is var name and not "(anon)" ? name! : "";
    }

    private static string Describe(BtfType type)
    {
        var kind = type.Kind switch
        {
            BtfKind.FuncProto => "FUNC_PROTO",
            BtfKind.DeclTag => "DECL_TAG",
            BtfKind.TypeTag => "TYPE_TAG",
            var other => other.ToString().ToUpperInvariant(),
        };
        var text = $"{kind} {type.Name}" + type.Kind switch
        {
            BtfKind.Int => $" {type.OwnSize} {type.IntBits} {type.IntBitOffset} {type.IsSigned}",
            BtfKind.Array => $" {type.TargetId} {type.ArrayLength}",
            BtfKind.Fwd => type.KindFlag ? " union" : " struct",
            BtfKind.Struct or BtfKind.Union or BtfKind.Float => $" {type.OwnSize}",
            BtfKind.Enum or BtfKind.Enum64 => $" {type.OwnSize} {type.IsSigned}",
            BtfKind.Datasec => $" {type.OwnSize} {type.ElementCount}",
            _ => $" {type.TargetId}",
        };
        for (var i = 0; i < type.ElementCount; i++)
        {
            if (type.IsStructOrUnion && type.Member(i) is var member)
                text += $"\n{member.Name} {member.TypeId} {member.BitOffset} {member.BitCount}";
            else if (type.IsEnum && type.Enumerator(i) is var enumerator)
                text += $"\n{enumerator.Name} {enumerator.Value}";
            else if (type.Kind == BtfKind.FuncProto && type.Parameter(i) is var parameter)
                text += $"\n{parameter.Name} {parameter.TypeId}";
        }

        return text;
    }

    /// <summary>
    /// `offset size declaration` of each member line, of bit fields `bit offset:width`, without spaces; structures inside are opened.
    /// </summary>
    private static IEnumerable<(string Name, List<string> Lines)> PaholeStructures(string output)
    {
        string? name = null;
        var lines = new List<string>();
        foreach (var line in output.Split('\n'))
        {
            if (Head().Match(line) is { Success: true } head)
                (name, lines) = (head.Groups[1].Value, []);
            else if (name is not null && line.StartsWith('}'))
            {
                yield return (name, lines);
                name = null;
            }
            else if (name is not null && MemberLine().Match(line) is { Success: true } member)
                lines.Add(Line(ulong.Parse(member.Groups["offset"].Value, CultureInfo.InvariantCulture),
                    member.Groups["bit"] is { Success: true } bit ? int.Parse(bit.Value, CultureInfo.InvariantCulture) : null,
                    member.Groups["size"].Value, member.Groups["declaration"].Value));
        }
    }

    private static IEnumerable<string> Names(BtfTypes types) =>
        Enumerable.Range(1, types.Count - 1).Select(id => types[id]).Where(type => type.Kind == BtfKind.Struct).Select(type => type.Name);

    private static IEnumerable<string> Flatten(IReadOnlyList<TypeMember> members)
    {
        foreach (var member in members)
        {
            foreach (var line in Flatten(member.Members))
                yield return line;
            var declaration = member.Declaration;
            var brace = declaration.IndexOf("{...}", StringComparison.Ordinal);
            if (brace >= 0 && !declaration.Contains('*', StringComparison.Ordinal))
                declaration = "}" + declaration[(brace + 5)..];
            yield return Line(member.Offset, member.BitOffset, member.Size.ToString(CultureInfo.InvariantCulture), declaration);
        }
    }

    private static string Line(ulong offset, int? bit, string size, string declaration) => bit is null
        ? $"{offset} {size} {Squeeze(declaration)}"
        : $"bit {offset * 8 + (ulong)bit} {Squeeze(declaration)}";

    /// <summary>
    /// Without what the two write differently: spaces and attributes; `[0]`, which BTF can't tell from `[]`; `const`, which pahole puts
    /// elsewhere where a pointer is itself constant; pointers to arrays, whose array pahole leaves out.
    /// </summary>
    private static string Squeeze(string text)
    {
        text = Unlike().Replace(text, "").Replace("[0]", "[]", StringComparison.Ordinal);
        text = PointerToArray().Replace(text, "*$1");
        return text.Replace(" ", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\(\*(\w+)\)(\[\d*\])+$")]
    private static partial Regex PointerToArray();

    [GeneratedRegex(@"^struct (\w+) \{")]
    private static partial Regex Head();

    [GeneratedRegex(@"^\t+(?<declaration>.*?);\s*/\*\s*(?<offset>\d+)(:\s*(?<bit>\d+))?\s+(?<size>\d+)\s*\*/")]
    private static partial Regex MemberLine();

    [GeneratedRegex(@"\bconst\b|__attribute__\(\((__packed__|__aligned__\(\d+\))\)\)")]
    private static partial Regex Unlike();

    [GeneratedRegex(@"\] (\S+)\s+\w+\s+([0-9a-f]{16}) [0-9a-f]+ ([0-9a-f]+) ")]
    private static partial Regex Section();
}
