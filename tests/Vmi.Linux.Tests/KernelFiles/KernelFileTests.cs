using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Vmi.Linux.Tests.KernelFiles;

/// <summary>Files that claim to be kernels. Real ones are read by the live tests.</summary>
public sealed class KernelFileTests
{
    private const ulong Base = 0xffff_ffff_8100_0000;
    private const int TextAt = 0x200, TextLength = 0x100;

    [Fact]
    public void A_boot_image_has_the_build_id_and_the_code_of_the_kernel_in_it()
    {
        var file = Load(BootImage(Gzip(Elf())));
        Assert.Equal("00112233445566778899", file.BuildId);
        Assert.Equal((Base, TextLength), (file.Text.Address, file.Text.Length));
        Assert.Equal([0x10, 0x11], file.BytesAt(Base + 0x10, 2).ToArray());
        Assert.True(file.BytesAt(Base + TextLength - 1, 2).IsEmpty);
        Assert.Equal(file.BuildId, Load(Elf()).BuildId);
        Assert.Equal(file.BuildId, Load(Gzip(Elf())).BuildId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_kernel_that_was_moved_has_its_addresses_moved(bool hasInverse)
    {
        uint[] relocations = hasInverse
            ? [0, 0x8100_0020, 0, 0x8100_0040, 0, 0x8100_0010, 0x8200_0000] : [0, 0x8100_0020, 0, 0x8100_0010];
        var file = Load(Elf(relocations));
        var code = file.BytesOf(file.Text).ToArray();
        var before = code.ToArray();
        Assert.True(KernelRelocations.TryApply(file, Base, code, 0x1_2000_0000));
        Assert.Equal(Read64(before, 0x20) + 0x1_2000_0000, Read64(code, 0x20));
        Assert.Equal(Read32(before, 0x10) + 0x2000_0000, Read32(code, 0x10));
        Assert.Equal(hasInverse ? Read32(before, 0x40) - 0x2000_0000 : Read32(before, 0x40), Read32(code, 0x40));
        Assert.Equal(before[0x50..], code[0x50..]);
        Assert.False(KernelRelocations.TryApply(Load(Elf()), Base, code, 1));
        Assert.False(KernelRelocations.TryApply(Load(Elf([1, 2, 3])), Base, code, 1));
    }

    [Theory]
    [InlineData("BZh9", "packed by bzip2, which is not read")]
    [InlineData("nonsense", "neither a boot image (vmlinuz) nor an ELF file (vmlinux)")]
    [InlineData("", "neither a boot image")]
    public void What_is_no_kernel_is_refused(string content, string reason) =>
        Assert.Contains(reason, Assert.Throws<VmiFormatException>(() => Load(Encoding.ASCII.GetBytes(content))).Message);

    [Fact]
    public void A_size_beyond_the_bound_is_refused_whether_packed_or_not()
    {
        var limits = VmiLimits.Default with { TableBytes = 100_000 };
        Assert.Throws<VmiFormatException>(() => LinuxKernelFile.Load(new MemoryStream(new byte[100_001]), limits));
        var bomb = Gzip(new byte[10_000_000]);
        Assert.Contains("allowed", Assert.Throws<VmiFormatException>(
            () => LinuxKernelFile.Load(new MemoryStream(BootImage(bomb)), limits)).Message);
    }

    [Fact]
    public void A_cut_file_is_refused()
    {
        var image = BootImage(Gzip(Elf()));
        for (var length = 0; length < image.Length; length += 41)
            Assert.Throws<VmiFormatException>(() => Load(image[..length]));
    }

    [Fact]
    public void Whatever_is_in_a_file_it_is_read_or_refused()
    {
        var random = new Random(5);
        var refused = 0;
        byte[][] originals = [Elf([0, 0x8100_0020, 0, 0x8100_0010]), BootImage(Gzip(Elf())), BootImage([0x02, 0x21, 0x4c, 0x18, .. Elf()])];
        for (var round = 0; round < 1500; round++)
        {
            var bytes = originals[round % originals.Length].ToArray();
            for (var i = random.Next(1, 8); i > 0; i--)
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)0xff : (byte)random.Next(256);
            try
            {
                var file = Load(bytes);
                KernelRelocations.TryApply(file, Base, new byte[64], 1);
                Assert.All(file.Sections, section => Assert.Equal(section.Length, file.BytesOf(section).Length));
            }
            catch (VmiFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 1499);
    }

    private static LinuxKernelFile Load(byte[] bytes) => LinuxKernelFile.Load(new MemoryStream(bytes));

    private static ulong Read64(byte[] bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));

    private static uint Read32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
            stream.Write(content);
        return packed.ToArray();
    }

    /// <summary>Sections `.text`, `.notes` and the names (System V ABI, chapter 4), then the numbers.</summary>
    private static byte[] Elf(params ReadOnlySpan<uint> rest)
    {
        const int notesAt = TextAt + TextLength, namesAt = notesAt + 28, headersAt = namesAt + 32, count = 4;
        var file = new byte[headersAt + count * 64 + rest.Length * 4];
        ((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]).CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), 62);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(40), headersAt);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(60), count);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(62), 3);
        for (var i = 0; i < TextLength; i++)
            file[TextAt + i] = (byte)i;
        Convert.FromHexString("040000000a00000003000000474e550000112233445566778899").CopyTo(file, notesAt);
        "\0.text\0.notes\0.shstrtab\0"u8.CopyTo(file.AsSpan(namesAt));
        Section(1, 1, Base, TextAt, TextLength, 6);
        Section(2, 7, Base + 0x1000, notesAt, 28, 2);
        Section(3, 14, 0, namesAt, 32, 0);
        for (var i = 0; i < rest.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(headersAt + count * 64 + i * 4), rest[i]);
        return file;

        void Section(int number, uint name, ulong address, int offset, int length, ulong flags)
        {
            var header = file.AsSpan(headersAt + number * 64);
            BinaryPrimitives.WriteUInt32LittleEndian(header, name);
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], 1);
            BinaryPrimitives.WriteUInt64LittleEndian(header[8..], flags);
            BinaryPrimitives.WriteUInt64LittleEndian(header[16..], address);
            BinaryPrimitives.WriteUInt64LittleEndian(header[24..], (ulong)offset);
            BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)length);
        }
    }

    /// <summary>As Documentation/arch/x86/boot.rst has it: four sectors of set-up code, then the payload.</summary>
    private static byte[] BootImage(byte[] payload)
    {
        var file = new byte[5 * 512 + payload.Length];
        "HdrS"u8.CopyTo(file.AsSpan(0x202));
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(0x206), 0x20f);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(0x24c), (uint)payload.Length);
        payload.CopyTo(file, 5 * 512);
        return file;
    }
}
