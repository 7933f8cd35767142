using System.Buffers.Binary;
using System.Text;

namespace Vmi.Dumps;

/// <summary>
/// The headers of a kdump-compressed file, checked: `struct disk_dump_header` and `struct kdump_sub_header` of makedumpfile's
/// diskdump_mod.h, which QEMU writes, too (its include/sysemu/dump.h).
/// </summary>
internal sealed class KdumpHeader
{
    private const int Bytes = 464;
    private const int SubHeaderBytes = 104;
    private const int OldestVersion = 6;         // with max_mapnr_64; QEMU and makedumpfile since 1.5.4 write it
    private const int MachineOffset = 12 + (4 * 65);
    private const int StatusOffset = 424;

    private const uint Lzo = 2, Incomplete = 8;

    private KdumpHeader()
    {
    }

    /// <summary>The first bytes of such a file.</summary>
    public static ReadOnlySpan<byte> Magic => "KDUMP   "u8;

    /// <summary>What its pages are compressed with, for the driver's name.</summary>
    public required string CompressionName { get; init; }

    /// <summary>The first frame number that has no place in the bitmaps.</summary>
    public required ulong MaxMapNr { get; init; }

    /// <summary>Where the bitmap is that says which frames are in the file.</summary>
    public required long BitmapOffset { get; init; }

    /// <summary>Where the page descriptors are.</summary>
    public required long DescriptorsOffset { get; init; }

    /// <summary>Where the ELF notes are, and their bytes; 0 if there are none.</summary>
    public required (long Offset, long Length) Notes { get; init; }

    /// <summary>Where the text of VMCOREINFO is, and its bytes; 0 if there is none.</summary>
    public required (long Offset, long Length) VmCoreInfo { get; init; }

    /// <summary>Reads and checks the headers.</summary>
    /// <exception cref="VmiFormatException">It is none of a whole x86-64 machine, or is corrupt or truncated.</exception>
    public static KdumpHeader Read(FileContent file, VmiLimits limits)
    {
        Span<byte> header = stackalloc byte[Bytes];
        if (file.Read(0, header) < Bytes)
            throw new VmiFormatException($"{file.Path} is truncated: its kdump header has {Bytes} bytes.");
        if (!header.StartsWith(Magic))
            throw new VmiFormatException($"{file.Path} is not a kdump-compressed file.");
        var machine = Text(header.Slice(MachineOffset, 65));
        // makedumpfile leaves it empty where the vmcore had no VMCOREINFO; QEMU 10.0 writes "Unknown".
        if (machine is not ("x86_64" or "" or "Unknown"))
            throw new VmiFormatException($"{file.Path} is a kdump file of another machine ({machine}); Vmi reads x86_64.");
        var version = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (version < OldestVersion)
            throw new VmiFormatException($"{file.Path} is a kdump file of version {version}; Vmi reads {OldestVersion} and later.");
        var status = BinaryPrimitives.ReadUInt32LittleEndian(header[StatusOffset..]);
        if ((status & Lzo) != 0)
        {
            throw new VmiFormatException(
                $"{file.Path} is a kdump file compressed with LZO, which Vmi does not unpack; convert it: makedumpfile -c FILE NEW.");
        }
        if ((status & Incomplete) != 0)
            throw new VmiFormatException($"{file.Path} is an incomplete kdump file: who wrote it ran out of space.");
        var blockSize = BinaryPrimitives.ReadUInt32LittleEndian(header[428..]);
        if (blockSize != Frame.Size)
            throw new VmiFormatException($"{file.Path} is corrupt: a kdump file of blocks of {blockSize} bytes, not {Frame.Size}.");
        long subBlocks = BinaryPrimitives.ReadUInt32LittleEndian(header[432..]);
        long bitmapBlocks = BinaryPrimitives.ReadUInt32LittleEndian(header[436..]);

        Span<byte> sub = stackalloc byte[SubHeaderBytes];
        if (subBlocks == 0 || file.Read(Frame.Size, sub) < SubHeaderBytes)
            throw new VmiFormatException($"{file.Path} is truncated: its kdump sub-header has {SubHeaderBytes} bytes.");
        if (BinaryPrimitives.ReadInt32LittleEndian(sub[12..]) != 0)
            throw new VmiFormatException($"{file.Path} is one part of a split kdump file; put them together: makedumpfile --reassemble.");

        var maxMapNr = BinaryPrimitives.ReadUInt64LittleEndian(sub[96..]);
        // The first half of the bitmap is of the frames that exist, the second of those in the file.
        var bitmapBytes = bitmapBlocks / 2 * Frame.Size;
        if (maxMapNr is 0 or > FileRun.AddressLimit / Frame.Size || (maxMapNr + 7) / 8 > (ulong)bitmapBytes)
            throw new VmiFormatException($"{file.Path} is corrupt: {bitmapBlocks} blocks of bitmap for 0x{maxMapNr:x} frames.");
        if ((maxMapNr + 7) / 8 > (ulong)limits.TableBytes)
        {
            throw new VmiFormatException(
                $"{file.Path} has a bitmap of {(maxMapNr + 7) / 8} bytes, more than {limits.TableBytes} (VmiLimits.TableBytes).");
        }
        var bitmap = ((1 + subBlocks) * Frame.Size) + bitmapBytes;
        var descriptors = (1 + subBlocks + bitmapBlocks) * Frame.Size;
        if (descriptors > file.Length)
            throw new VmiFormatException($"{file.Path} is truncated: {descriptors - file.Length} bytes are missing before its pages.");
        return new KdumpHeader
        {
            CompressionName = CompressionNameOf(status),
            MaxMapNr = maxMapNr,
            BitmapOffset = bitmap,
            DescriptorsOffset = descriptors,
            VmCoreInfo = Part(file, sub[32..], "VMCOREINFO"),
            Notes = Part(file, sub[48..], "notes"),
        };
    }

    /// <summary>An offset and a size of the sub-header.</summary>
    private static (long Offset, long Length) Part(FileContent file, ReadOnlySpan<byte> numbers, string what)
    {
        var offset = BinaryPrimitives.ReadUInt64LittleEndian(numbers);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(numbers[8..]);
        if (length == 0)
            return default;
        if (offset > (ulong)file.Length || length > (ulong)file.Length - offset)
            throw new VmiFormatException($"{file.Path} is corrupt or truncated: its {what} are {length} bytes at offset {offset}.");
        return ((long)offset, (long)length);
    }

    /// <summary>The flag in `status`; makedumpfile before 1.5.9 wrote none there.</summary>
    private static string CompressionNameOf(uint status) => (status & 0x25) switch
    {
        1 => "kdump (zlib)",
        4 => "kdump (snappy)",
        0x20 => "kdump (zstd)",
        _ => "kdump",
    };

    private static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        var text = end < 0 ? field : field[..end];
        return text.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? "unreadable" : Encoding.ASCII.GetString(text);
    }
}
