using System.IO.Compression;
using System.Text;

namespace Vmi.Symbols.Tests;

/// <summary>
/// ISF and System.map as sources of a profile. The ISF of a real kernel is written by eng/isf.py from what bpftool says, so nothing of
/// Vmi has a part in it.
/// </summary>
public sealed class IsfTests
{
    private const string Small = """
        {
          "metadata": { "linux": {}, "format": "6.2.0" },
          "symbols": {
            "_text": { "address": 18446744071578845184 }, "_end": { "address": 18446744071579897856 },
            "pcpu": { "address": 4096 }, "linux_banner": { "address": 18446744071579111424, "constant_data": "TGludXggdmVyc2lvbiA2CgA=" }
          },
          "enums": { "color": { "size": 4, "base": "int", "constants": { "RED": -1, "BLUE": 2 } } },
          "user_types": {
            "node": { "kind": "struct", "size": 48, "fields": {
              "next": { "offset": 0, "type": { "kind": "pointer", "subtype": { "kind": "struct", "name": "node" } } },
              "call": { "offset": 8, "type": { "kind": "pointer", "subtype": { "kind": "function" } } },
              "text": { "offset": 16, "type": { "kind": "array", "count": 8, "subtype": { "kind": "base", "name": "char" } } },
              "bits": { "offset": 24, "type": { "kind": "bitfield", "bit_position": 3, "bit_length": 5,
                                                "type": { "kind": "base", "name": "int" } } },
              "inner": { "offset": 32, "anonymous": true, "type": { "kind": "union", "name": "unnamed_1" } },
              "far": { "offset": 40, "type": { "kind": "pointer", "subtype": { "kind": "struct", "name": "elsewhere" } } }
            } },
            "unnamed_1": { "kind": "union", "size": 8, "fields": {
              "count": { "offset": 0, "type": { "kind": "base", "name": "int" } },
              "hue": { "offset": 0, "type": { "kind": "enum", "name": "color" } }
            } }
          },
          "base_types": {
            "int": { "size": 4, "signed": true, "kind": "int", "endian": "little" },
            "char": { "size": 1, "signed": true, "kind": "char", "endian": "little" },
            "void": { "size": 0, "signed": false, "kind": "void", "endian": "little" }
          }
        }
        """;

    [Fact]
    public void Every_kind_of_type_and_symbol_is_read()
    {
        var source = Load(Encoding.UTF8.GetBytes(Small));
        var profile = new Profile(source.Types!, source.Symbols!, source.Kernel);

        Assert.Equal("ISF", source.Format);
        Assert.Equal(new KernelIdentity("Linux version 6", null), source.Kernel);
        Assert.Equal(48ul, profile.SizeOf("node"));
        Assert.Equal(new Field(16, 8), profile.Field("node", "text"));
        Assert.Equal(new Field(17, 1), profile.Field("node", "text[1]"));
        Assert.Equal(new Field(32, 4), profile.Field("node", "count"));
        Assert.Equal(new Field(32, 4), profile.Field("node", "hue"));
        Assert.Equal(new BitField(24, 4, 3, 5), profile.BitField("node", "bits"));
        Assert.Equal((-1L, 2L), (profile.EnumValue("RED"), profile.EnumValue("BLUE")));
        Assert.True(source.Types!.TryGetLayout("node", out var layout));
        Assert.Contains("struct elsewhere *far", layout.ToString(), StringComparison.Ordinal);
        Assert.Equal(0xffffffff81000000, profile.TextBase.Value);
        Assert.Equal(0x1000ul, profile.Symbol("pcpu").Value);
        Assert.True(profile.Symbols.TryGet("pcpu", out var perCpu) && perCpu is { IsAbsolute: true, Type: '?' });
    }

    [Fact]
    public void A_real_kernel_has_the_same_members_by_ISF_as_by_its_BTF()
    {
        var kernel = RealKernel.Get("6.12");
        var btf = kernel.Profile.Types;
        var symbols = string.Concat(kernel.Profile.Symbols.All().Select(
            symbol => $"{symbol.Address.Value:x16} {symbol.Type} {symbol.Name}\n"));
        var isf = Load(Xz(kernel.Isf(symbols)));
        var structures = Enumerable.Range(1, btf.Count - 1).Select(id => btf[id])
            .Where(type => type.IsStructOrUnion && type.Name.Length != 0).ToList();
        var once = structures.CountBy(type => type.Name).Where(pair => pair.Value == 1).Select(pair => pair.Key).ToHashSet();
        var compared = 0;
        foreach (var structure in structures.Where(type => once.Contains(type.Name)))
        {
            Assert.True(isf.Types!.TryFind(structure.Name, out var theirs), structure.Name);
            Assert.Equal(structure.OwnSize, theirs.OwnSize);
            for (var i = 0; i < structure.ElementCount; i++)
            {
                var member = structure.Member(i);
                if (member.Name.Length == 0)
                    continue;
                Assert.True(isf.Types.TryFindMember(theirs, member.Name, out var found), $"{structure.Name}.{member.Name}");
                Assert.Equal((member.BitOffset, member.BitCount), (found.BitOffset, found.BitCount));
                Assert.Equal(
                    (btf.TryGetSize(member.TypeId, out var size), size), (isf.Types.TryGetSize(found.TypeId, out var other), other));
                compared++;
            }
        }

        Assert.True(compared > 40_000, $"{compared} members");
        Assert.Equal(kernel.Profile.Kernel.Banner, isf.Kernel.Banner);
        Assert.Null(isf.Mismatch(kernel.Image, isf.Symbols!));
        Assert.Equal(kernel.Profile.EnumValue("PIDTYPE_SID"), Value(isf.Types!, "PIDTYPE_SID"));
        var map = Load(Encoding.UTF8.GetBytes(symbols));
        Assert.Null(map.Mismatch(kernel.Image, map.Symbols!));
        foreach (var read in new[] { isf.Symbols!, map.Symbols! })
            Assert.Equal(kernel.Profile.Symbol("init_task"), read.TryGetAddress("init_task", out var address) ? address : default);
        Assert.Equal(kernel.Profile.Symbols.All(), map.Symbols!.All());
    }

    [Fact]
    public void A_source_of_another_kernel_is_named_by_what_differs()
    {
        var image = SampleImage.Create();
        var profile = ProfileTests.Sample();
        string Lines(Func<Symbol, ulong> address, string without = "-") => string.Concat(profile.Symbols.All()
            .Where(symbol => symbol.Name != without).Select(symbol => $"{address(symbol):x16} {symbol.Type} {symbol.Name}\n"));
        string? Mismatch(string lines) => Load(Encoding.UTF8.GetBytes(lines)) is var source ? source.Mismatch(image, source.Symbols!) : null;

        Assert.Null(Mismatch(Lines(symbol => symbol.Address.Value)));
        Assert.Contains("linux_banner is not where it says (the kernel's is \"Linux version 6.1.0-test",
            Mismatch(Lines(symbol => symbol.Name is "linux_banner" ? symbol.Address.Value + 8 : symbol.Address.Value)));
        var moved = profile.Symbols.All().First(symbol => symbol is { IsAbsolute: false, Type: 'T' } && symbol.Name != "_text").Name;
        Assert.StartsWith($"{moved} is not where it says",
            Mismatch(Lines(symbol => symbol.Name == moved ? symbol.Address.Value + 8 : symbol.Address.Value)));
        Assert.Contains("its banner is \"Linux version 6.1.0-test (x) #1 SMP\", the kernel's is \"Linux version 7 (y)\"",
            new ProfileSource(profile).Mismatch(SampleImage.Create(banner: "Linux version 7 (y)"), profile.Symbols));
        Assert.StartsWith("its build id is 0011", new ProfileSource(profile).Mismatch(SampleImage.Create(buildId: 1), profile.Symbols));
        Assert.StartsWith("it does not say of which kernel it is", Load(Encoding.UTF8.GetBytes(
            """{"user_types":{"a":{"kind":"struct","size":1,"fields":{}}}}""")).Mismatch(image, profile.Symbols));
    }

    [Fact]
    public void Packed_files_are_read_and_damaged_ones_refused()
    {
        var bytes = Encoding.UTF8.GetBytes(Small);
        Assert.Equal("ISF", Load(Gzip(bytes)).Format);
        var xz = Xz(bytes);
        Assert.Equal("ISF", Load(xz).Format);
        var random = new Random(7);
        foreach (var packed in new[] { Gzip(bytes), xz })
            for (var round = 0; round < 300; round++)
            {
                var damaged = packed.ToArray();
                damaged[random.Next(6, damaged.Length)] ^= (byte)random.Next(1, 256);
                Try(random.Next(4) == 0 ? damaged[..random.Next(damaged.Length)] : damaged);
            }

        var large = Gzip(new byte[3 << 20]);
        Assert.Contains("more than", Assert.Throws<VmiFormatException>(
            () => ProfileSource.Load(new MemoryStream(large), new VmiLimits { TableBytes = 1 << 20 })).Message);
    }

    [Fact]
    public void Mutated_documents_are_refused_or_sound()
    {
        var random = new Random(8);
        var good = Encoding.UTF8.GetBytes(Small);
        for (var round = 0; round < 5000; round++)
        {
            var bytes = good.ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                // Digits stay digits and letters letters, mostly: the document is still JSON, and says something else.
                var at = random.Next(bytes.Length);
                bytes[at] = char.IsAsciiDigit((char)bytes[at]) ? (byte)random.Next('0', '9' + 1)
                    : random.Next(3) == 0 ? (byte)random.Next(256) : good[random.Next(good.Length)];
            }

            if (Try(bytes) is { Types: { } types })
                for (var id = 0; id < types.Count; id++)
                {
                    types.TryGetSize(id, out _);
                    Assert.NotNull(types.TypeName(id));
                    types.TryFindMember(types[id], "count", out _);
                }
        }
    }

    [Theory]
    [InlineData("""{"metadata":{"windows":{}},"symbols":{}}""", "is of windows, not of Linux")]
    [InlineData("""{"metadata":{"linux":{}}}""", "neither types nor symbols")]
    [InlineData("{]", "is damaged")]
    [InlineData("ffffffff81000000 T start\n", "no _text")]
    [InlineData("ffffffff81000000 T _text\nnothing\n", "is damaged")]
    [InlineData("ELF", "not a kernel profile: neither one of Vmi, nor ISF (Volatility 3), nor a System.map")]
    public void What_can_not_be_used_is_refused_by_name(string content, string message) => Assert.Contains(
        message, Assert.Throws<VmiFormatException>(() => Load(Encoding.UTF8.GetBytes(content))).Message, StringComparison.Ordinal);

    private static ProfileSource Load(byte[] bytes) => ProfileSource.Load(new MemoryStream(bytes));

    private static ProfileSource? Try(byte[] bytes)
    {
        try
        {
            return Load(bytes);
        }
        catch (VmiFormatException)
        {
            return null;
        }
    }

    private static long Value(BtfTypes types, string name) => types.TryFindEnumerator(name, out var value) ? value : long.MinValue;

    private static byte[] Xz(byte[] bytes) => RealKernel.Pipe("xz", "-c -1", bytes);

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
            stream.Write(bytes);
        return packed.ToArray();
    }
}
