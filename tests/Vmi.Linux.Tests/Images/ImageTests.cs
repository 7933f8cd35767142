using System.Buffers.Binary;
using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Images;

/// <summary>An ELF image written by hand (System V gabi), with two exported symbols, one wanted one and one local one.</summary>
public sealed class ImageTests
{
    private const int Dynamic = 0x100;
    private const int Hash = 0x200;
    private const int Symbols = 0x300;
    private const int Strings = 0x400;

    private readonly FakeGuest _guest = new();
    private readonly byte[] _elf = new byte[0x1000];

    public ImageTests()
    {
        "\x7f"u8.CopyTo(_elf);
        "ELF"u8.CopyTo(_elf.AsSpan(1));
        (_elf[4], _elf[5]) = (2, 1);
        Put64(32, 64);
        Put16(56, 2);
        Header(0, 1, 0, 0x40_0000);
        Header(1, 2, Dynamic, 0x40_0000 + Dynamic);
        Entry(0, 4, 0x40_0000 + Hash);
        Entry(1, 5, 0x40_0000 + Strings);
        Entry(2, 6, 0x40_0000 + Symbols);
        Put32(Hash + 4, 5);
        Symbol(1, "first", 0x12, 1, 0x40_0010);
        Symbol(2, "second", 0x22, 2, 0x40_0020);
        Symbol(3, "wanted", 0x12, 0, 0);
        Symbol(4, "local", 0x02, 1, 0x40_0030);
    }

    private int _nextName = Strings + 1;

    private void Put16(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(_elf.AsSpan(at), value);

    private void Put32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_elf.AsSpan(at), value);

    private void Put64(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(_elf.AsSpan(at), value);

    private void Header(int index, uint type, ulong offset, ulong address)
    {
        Put32(64 + index * 56, type);
        Put64(64 + index * 56 + 8, offset);
        Put64(64 + index * 56 + 16, address);
    }

    private void Entry(int index, ulong tag, ulong value)
    {
        Put64(Dynamic + index * 16, tag);
        Put64(Dynamic + index * 16 + 8, value);
    }

    private void Symbol(int index, string name, byte info, ushort section, ulong value)
    {
        Put32(Symbols + index * 24, (uint)(_nextName - Strings));
        System.Text.Encoding.ASCII.GetBytes(name).CopyTo(_elf, _nextName);
        _nextName += name.Length + 1;
        _elf[Symbols + index * 24 + 4] = info;
        Put16(Symbols + index * 24 + 6, section);
        Put64(Symbols + index * 24 + 8, value);
    }

    private LinuxImage Load(out ulong start)
    {
        start = _guest.Allocate(0x1000, 4096);
        _guest.Write(start, _elf);
        return _guest.Os.Image(new Va(start));
    }

    [Fact]
    public void Exports_are_the_defined_global_symbols_moved_to_where_the_image_is()
    {
        var image = Load(out var start);
        var exports = image.Exports();
        Assert.Null(exports.Incomplete);
        Assert.Equal([("first", start + 0x10), ("second", start + 0x20)], exports.Select(each => (each.Name, each.Address.Value)));
        Assert.Equal(VmiImageArchitecture.Amd64, image.Architecture);
    }

    [Fact]
    public void The_GNU_hash_table_tells_the_number_of_symbols_too()
    {
        Entry(0, 0x6fff_fef5, 0x40_0000 + Hash);
        Array.Clear(_elf, Hash, 16);
        Put32(Hash, 1);
        Put32(Hash + 4, 1);
        Put32(Hash + 8, 1);
        Put32(Hash + 24, 1);
        Put32(Hash + 28 + 4, 1);
        Assert.Equal(["first", "second"], Load(out _).Exports().Select(each => each.Name));
    }

    [Fact]
    public void What_is_no_ELF_image_is_refused()
    {
        _elf[1] = 0;
        Assert.Throws<VmiFormatException>(() => Load(out _));
        Assert.Throws<TranslationFaultException>(() => _guest.Os.Image(new Va(0xffff_9999_0000_0000)));
    }

    [Fact]
    public void An_absurd_number_of_symbols_ends_where_memory_ends()
    {
        Put32(Hash + 4, uint.MaxValue);
        Assert.NotNull(Load(out _).Exports().Incomplete);
    }

    [Fact]
    public void A_hash_table_of_absurd_size_is_refused()
    {
        Entry(0, 0x6fff_fef5, 0x40_0000 + Hash);
        Put32(Hash, uint.MaxValue);
        var exports = Load(out _).Exports();
        Assert.Empty(exports);
        Assert.NotNull(exports.Incomplete);
    }

    [Fact]
    public void All_names_together_are_bounded()
    {
        var guest = new FakeGuest(isOld: false, new VmiLimits { TableBytes = 8 });
        var start = guest.Allocate(0x1000, 4096);
        guest.Write(start, _elf);
        var exports = guest.Os.Image(new Va(start)).Exports();
        Assert.Equal("first", Assert.Single(exports).Name);
        Assert.Contains("names", exports.Incomplete, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_an_image_holds_its_exports_are_a_bounded_list_or_a_documented_exception()
    {
        var guest = new FakeGuest(isOld: false, new VmiLimits { ListEntries = 500, StringBytes = 4096 });
        var start = guest.Allocate(0x1000, 4096);
        var random = new Random(11);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var (listed, refused) = (0, 0);
        while (clock.ElapsedMilliseconds < 1000)
        {
            var image = _elf.ToArray();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                var at = random.Next(4) == 0 ? random.Next(0x40)
                    : random.Next(4) == 0 ? 0x40 + random.Next(0x70)
                    : Dynamic + random.Next(0x320);
                if (random.Next(2) == 0)
                    image[at] = (byte)random.Next(256);
                else
                    Put(image, at & ~7, random.Next(2) == 0 ? ulong.MaxValue : (ulong)random.NextInt64());
            }

            guest.Write(start, image);
            guest.Core.FlushGfnCache();
            try
            {
                Assert.InRange(guest.Os.Image(new Va(start)).Exports().Count, 0, 500);
                listed++;
            }
            catch (Exception exception) when (exception is TranslationFaultException or VmiFormatException)
            {
                refused++;
            }
        }

        Assert.True(listed > 10 && refused > 10, $"{listed} listed, {refused} refused");

        static void Put(byte[] image, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(at), value);
    }
}
