namespace Vmi.Dumps;

/// <summary>A format that Vmi does not read but knows by its first bytes, so that the error can name it.</summary>
/// <param name="Magic">The first bytes.</param>
/// <param name="What">What such a file is.</param>
/// <param name="Advice">What to do.</param>
internal sealed record ForeignFormat(byte[] Magic, string What, string Advice)
{
    private const string Unpack = "unpack it first";
    private const string TakeElf = "Vmi does not read that; take it as ELF (QEMU: dump-guest-memory without -w)";
    private const string NotRead = "Vmi does not read that";
    private const string NoMemory = "that is no memory file";

    private static readonly ForeignFormat[] All =
    [
        new([0x1f, 0x8b], "gzip-compressed",
            "unpack it first (gunzip -k FILE), or pack it so that it can be read in place: gunzip -c FILE | bgzip > NEW.gz"),
        new([0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], "xz-compressed", "unpack it first: xz -dk FILE"),
        new([0x28, 0xb5, 0x2f, 0xfd], "zstd-compressed", "unpack it first: zstd -dk FILE"),
        new([.. "BZh"u8], "bzip2-compressed", "unpack it first: bunzip2 -k FILE"),
        new([0x04, 0x22, 0x4d, 0x18], "lz4-compressed", "unpack it first: lz4 -d FILE"),
        new([(byte)'P', (byte)'K', 3, 4], "a zip archive", Unpack),
        new([(byte)'7', (byte)'z', 0xbc, 0xaf, 0x27, 0x1c], "a 7z archive", Unpack),
        new([.. "PAGEDU64"u8], "a Windows crash dump", TakeElf),
        new([.. "PAGEDUMP"u8], "a 32-bit Windows crash dump", NotRead),
        new([.. "DISKDUMP"u8], "a diskdump file", NotRead),
        new([.. "LibvirtQemudPart"u8], "a VM that libvirt has not saved whole", NotRead),
        new([0xd0, 0xbe, 0xd2, 0xbe], "the saved state of a VMware VM", NotRead),
        new([0xd1, 0xba, 0xd1, 0xba], "the saved state of a VMware VM", NotRead),
        new([0xd2, 0xbe, 0xd2, 0xbe], "the saved state of a VMware VM", NotRead),
        new([0xd3, 0xbe, 0xd3, 0xbe], "the saved state of a VMware VM", NotRead),
        new([.. "hibr"u8], "a Windows hibernation file", NotRead),
        new([.. "HIBR"u8], "a Windows hibernation file", NotRead),
        new([.. "MDMP"u8], "a Windows minidump of a process", NoMemory),
        new([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], "a PNG image", NoMemory),
    ];

    /// <summary>The format that the head of a file shows; null if none of these.</summary>
    public static ForeignFormat? Recognise(ReadOnlySpan<byte> head)
    {
        foreach (var format in All)
        {
            if (head.StartsWith(format.Magic))
                return format;
        }
        return null;
    }

    /// <summary>Whether the head of a file has no byte that text has not: no control characters but white space and escape.</summary>
    public static bool IsText(ReadOnlySpan<byte> head) =>
        !head.IsEmpty && !head.ContainsAnyInRange((byte)0, (byte)8) && !head.ContainsAnyInRange((byte)14, (byte)26)
        && !head.ContainsAnyInRange((byte)28, (byte)31) && !head.ContainsAny((byte)11, (byte)127)
        && !head.ContainsAnyInRange((byte)0xf8, (byte)0xff);
}
