namespace Vmi.Symbols.Tests;

public sealed class BtfTypesTests
{
    [Fact]
    public void Fields_of_nested_anonymous_members_are_found_by_name_and_by_path()
    {
        var b = new BtfBuilder();
        var u32 = b.Int("unsigned int", 4);
        var inner = b.Struct("", 8, ("x", u32, 0), ("y", u32, 32));
        var either = b.Union("", 8, ("", inner, 0), ("both", b.Int("u64", 8), 0));
        var tree = b.Struct("tree", 12, ("flags", u32, 0), ("root", u32, 64));
        b.Struct("outer", 32, ("first", u32, 0), ("", either, 64), ("tree", tree, 128));
        var types = BtfTypes.Parse(b.Build());

        AssertMember(types, "outer", "y", 96, u32);
        AssertMember(types, "struct outer", "both", 64, 3);
        AssertMember(types, "outer", "tree.root", 192, u32);
        Assert.False(types.TryFindMember("outer", "z", out _));
        Assert.False(types.TryFindMember("outer", "tree.x", out _));
        Assert.False(types.TryFindMember("union outer", "first", out _));
    }

    [Fact]
    public void Array_indexes_count_elements_and_stay_within_the_array()
    {
        var b = new BtfBuilder();
        var u16 = b.Int("u16", 2);
        var pair = b.Struct("pair", 4, ("a", u16, 0), ("b", u16, 16));
        var matrix = b.Array(b.Array(pair, 3), 2);
        b.Struct("s", 28, ("m", matrix, 32), ("tail", b.Array(pair, 0), 224));
        var types = BtfTypes.Parse(b.Build());

        AssertMember(types, "s", "m[1][2].b", 32 + (1 * 3 + 2) * 32 + 16, u16);
        AssertMember(types, "s", "tail[5].a", 224 + 5 * 32, u16);
        Assert.True(types.TryFindMember("s", "m", out var whole) && types.TryGetSize(whole.TypeId, out var size) && size == 24);
        foreach (var path in new[] { "m[2]", "m[1][3]", "m[", "m[]", "m[x]", "m[1]]", "m[-1]", "m.a", "", ".", "m[4294967296]" })
            Assert.False(types.TryFindMember("s", path, out _), path);
    }

    [Fact]
    public void Bit_fields_have_the_integer_that_the_compiler_uses()
    {
        var b = new BtfBuilder();
        var u32 = b.Int("unsigned int", 4);
        var u64 = b.Int("u64", 8);
        b.BitStruct("flags", 16, ("plain", u32, 0), ("a", u32, BtfBuilder.BitField(32, 1)), ("b", u32, BtfBuilder.BitField(60, 4)),
            ("c", u64, BtfBuilder.BitField(64, 40)));
        b.BitStruct("packed", 5, ("x", u32, BtfBuilder.BitField(0, 20)), ("y", u32, BtfBuilder.BitField(20, 20)));
        var profile = Profile(b);

        Assert.Equal(new BitField(4, 4, 0, 1), profile.BitField("flags", "a"));
        Assert.Equal(new BitField(4, 4, 28, 4), profile.BitField("flags", "b"));
        Assert.Equal(new BitField(8, 8, 0, 40), profile.BitField("flags", "c"));
        Assert.Equal(new BitField(0, 4, 0, 32), profile.BitField("flags", "plain"));
        Assert.Equal(new BitField(2, 4, 4, 20), profile.BitField("packed", "y"));
        Assert.False(profile.TryGetField("flags", "a", out _));
    }

    [Fact]
    public void Bit_fields_of_old_encoders_are_integers_of_fewer_bits()
    {
        var b = new BtfBuilder();
        var three = b.Int("unsigned int", 4, bits: 3);
        var shifted = b.Int("unsigned int", 4, bits: 5, bitOffset: 3);
        b.Struct("old", 8, ("a", three, 32), ("b", shifted, 32));
        var profile = Profile(b);

        Assert.Equal(new BitField(4, 4, 0, 3), profile.BitField("old", "a"));
        Assert.Equal(new BitField(4, 4, 3, 5), profile.BitField("old", "b"));
    }

    [Fact]
    public void The_first_definition_with_members_wins()
    {
        var b = new BtfBuilder();
        var u32 = b.Int("u32", 4);
        b.Simple(BtfKind.Fwd, "twice", 0);
        b.Struct("twice", 0);
        b.Struct("twice", 4, ("a", u32, 0));
        b.Struct("twice", 8, ("b", u32, 32));
        b.Simple(BtfKind.Typedef, "twice", u32);
        var types = BtfTypes.Parse(b.Build());

        Assert.True(types.TryFind("twice", out var type));
        Assert.Equal(4, type.Id);
        Assert.False(types.TryFind("union twice", out _));
    }

    [Fact]
    public void Enumerators_have_their_sign_and_64_bits()
    {
        var b = new BtfBuilder();
        b.Enum("", false, ("PIDTYPE_PID", 0), ("BIG", 0xffffffff));
        b.Enum("signed", true, ("MINUS", 0xffffffff), ("BIG", 7));
        b.Enum64("wide", false, ("WIDE", 0x8000000000000001));
        b.Enum64("wide_signed", true, ("WIDE_MINUS", ulong.MaxValue));
        var profile = Profile(b);

        Assert.Equal(0, profile.EnumValue("PIDTYPE_PID"));
        Assert.Equal(0xffffffff, profile.EnumValue("BIG"));
        Assert.Equal(-1, profile.EnumValue("MINUS"));
        Assert.Equal(unchecked((long)0x8000000000000001), profile.EnumValue("WIDE"));
        Assert.Equal(-1, profile.EnumValue("WIDE_MINUS"));
        Assert.EndsWith(
            "has no enumerator NONE.", Assert.Throws<ProfileException>(() => profile.EnumValue("NONE")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_go_through_typedefs_modifiers_and_arrays()
    {
        var b = new BtfBuilder();
        var u16 = b.Int("u16", 2);
        var alias = b.Simple(BtfKind.Typedef, "alias_t", b.Simple(BtfKind.Const, "", b.Simple(BtfKind.TypeTag, "tag", u16)));
        b.Simple(BtfKind.Typedef, "array_t", b.Array(b.Array(alias, 5), 3));
        b.Simple(BtfKind.Typedef, "pointer_t", b.Ptr(0));
        b.Simple(BtfKind.Float, "double", 8);
        b.Simple(BtfKind.Typedef, "void_t", 0);
        b.Simple(BtfKind.Typedef, "huge_t", b.Array(b.Array(b.Array(u16, uint.MaxValue), uint.MaxValue), uint.MaxValue));
        var profile = Profile(b);

        Assert.Equal(2ul, profile.SizeOf("alias_t"));
        Assert.Equal(30ul, profile.SizeOf("array_t"));
        Assert.Equal(8ul, profile.SizeOf("pointer_t"));
        Assert.False(profile.TryGetSize("void_t", out _));
        Assert.False(profile.TryGetSize("huge_t", out _));
    }

    [Fact]
    public void Types_that_refer_to_themselves_end_every_search()
    {
        var b = new BtfBuilder();
        b.Simple(BtfKind.Typedef, "loop", 2);
        b.Simple(BtfKind.Const, "", 1);
        b.Struct("", 8, ("", 3, 0), ("", 3, 0), ("", 3, 0));
        b.Array(4, 2);
        b.Simple(BtfKind.Typedef, "dimensions", 4);
        b.FuncProto(6, ("f", 6), ("g", 6), ("h", 6));
        b.Simple(BtfKind.Typedef, "function", b.Ptr(6));
        b.Simple(BtfKind.Typedef, "self", 3);
        var types = BtfTypes.Parse(b.Build());

        Assert.False(types.TryGetSize(1, out _));
        Assert.False(types.TryGetSize(5, out _));
        Assert.False(types.TryFindMember("loop", "x", out _));
        Assert.False(types.TryFindMember("self", "x", out _));
        Assert.Throws<VmiFormatException>(() => types.TryGetLayout("self", out _));
        Assert.NotEmpty(types.TypeName(1));
        Assert.InRange(types.TypeName(8).Length, 1, 64 << 20);
    }

    [Fact]
    public void The_header_of_32_bytes_tells_how_to_skip_unknown_kinds()
    {
        var b = new BtfBuilder();
        b.Int("u32", 4);
        b.Type("new", 21, 2, false, 0, 1, 2, 3, 4, 5);
        b.Struct("after", 4, ("a", 1, 0));
        // Kinds 0 to 21, each: bytes after the type, bytes of an element, flags. Kind 21: 4 and 8.
        var layout = new byte[22 * 4];
        (layout[21 * 4], layout[21 * 4 + 1]) = (4, 8);

        var types = BtfTypes.Parse(b.Build(layout));
        Assert.Equal(4, types.Count);
        Assert.Equal((BtfKind)21, types[2].Kind);
        AssertMember(types, "after", "a", 0, 1);
        Assert.Contains("kind 21", Assert.Throws<VmiFormatException>(() => BtfTypes.Parse(b.Build())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Layouts_read_like_c()
    {
        var b = new BtfBuilder();
        var u32 = b.Int("unsigned int", 4);
        var chars = b.Array(b.Int("char", 1), 16);
        var node = b.Struct("node", 8, ("next", b.Ptr(4 + 1), 0));
        var function = b.Ptr(b.FuncProto(u32, ("", b.Ptr(0)), ("", 0)));
        var anonymous = b.Union("", 4, ("x", u32, 0), ("y", u32, 0));
        b.BitStruct("all", 48, ("comm", chars, 0), ("list", node, 128), ("fn", function, 192), ("", anonymous, 256),
            ("bit", u32, BtfBuilder.BitField(290, 3)), ("names", b.Array(b.Ptr(b.Simple(BtfKind.Const, "", b.Int("char", 1))), 2), 320));
        b.Simple(BtfKind.Typedef, "alias", anonymous);
        var types = BtfTypes.Parse(b.Build());

        Assert.True(types.TryGetLayout("all", out var layout));
        Assert.Equal(
            ["char comm[16]", "struct node list", "unsigned int (*fn)(void *, ...)", "union {...}", "unsigned int bit:3",
                "const char *names[2]"],
            layout.Members.Select(m => m.Declaration));
        Assert.Equal([0ul, 16, 24, 32, 36, 40], layout.Members.Select(m => m.Offset));
        Assert.Equal([16ul, 8, 8, 4, 4, 16], layout.Members.Select(m => m.Size));
        Assert.Equal((2, 3), (layout.Members[4].BitOffset, layout.Members[4].BitCount));
        Assert.Equal(["x", "y"], layout.Members[3].Members.Select(m => m.Name));
        Assert.Equal("char[16]", layout.Members[0].TypeName);
        Assert.Contains("/*    36:2       4 */    unsigned int bit:3;\n", layout.ToString(), StringComparison.Ordinal);
        Assert.True(types.TryGetLayout("alias", out var alias));
        Assert.Equal(
            """
            typedef union {    /* size: 4 */
            /*     0         4 */    unsigned int x;
            /*     0         4 */    unsigned int y;
            } alias;
            """,
            alias.ToString());
    }

    [Fact]
    public void A_damaged_blob_is_refused_with_what_is_wrong()
    {
        var b = new BtfBuilder();
        b.Struct("s", 4, ("a", b.Int("u32", 4), 0));
        var good = b.Build();
        BtfTypes.Parse(good);

        AssertRefused(good[..20], "shorter than its header");
        AssertRefused(With(good, 0, 0), "magic");
        AssertRefused(With(good, 2, 2), "version");
        AssertRefused(With(good, 4, 20), "header has 20 bytes");
        AssertRefused(With(good, 13, 0x7f), "beyond its end");
        AssertRefused(With(good, 8, 2), "beyond its end", "aligned");
        AssertRefused(With(good, 24 + 7, 31), "unknown kind");
        AssertRefused(With(good, 24 + 0, 0xee), "does not exist");
        AssertRefused(With(good, good.Length - 1, (byte)'x'), "NUL");
        AssertRefused(good, "more than 1 types", limits: new VmiLimits { ListEntries = 1 });
        AssertRefused(good, "allowed are 10", limits: new VmiLimits { TableBytes = 10 });
    }

    private static void AssertRefused(byte[] blob, string message, string? orMessage = null, VmiLimits? limits = null)
    {
        var error = Assert.Throws<VmiFormatException>(() => BtfTypes.Parse(blob, limits)).Message;
        Assert.Contains(new[] { message, orMessage ?? message }, expected => error.Contains(expected, StringComparison.Ordinal));
    }

    private static byte[] With(byte[] bytes, int at, byte value)
    {
        var copy = bytes.ToArray();
        copy[at] = value;
        return copy;
    }

    private static void AssertMember(BtfTypes types, string name, string path, ulong bits, int typeId)
    {
        Assert.True(types.TryFindMember(name, path, out var member));
        Assert.Equal((bits, typeId, 0), (member.BitOffset, member.TypeId, member.BitCount));
    }

    private static Profile Profile(BtfBuilder builder) =>
        new(BtfTypes.Parse(builder.Build()), KallsymsBuilder.Sample().Table(), new KernelIdentity("Linux version 6.1.0-test (x) #1", null));
}
