using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>Opens a memory file of whatever format.</summary>
public static class MemoryFile
{
    private const string Known = "a raw image, LiME, AVML, an ELF vmcore, a Xen core, a kdump file or QEMU's migration stream";
    private const long SmallestRaw = 1 << 20;
    private const int HeadBytes = 4096;

    /// <summary>
    /// Opens a memory file; its content decides what it is. A raw image has no mark of its own: what is of no other known format,
    /// no text, a multiple of 4 KiB and at least 1 MiB is taken for one. Since the guest chose the bytes at the beginning of a raw
    /// image, <see cref="RawDriver.Open(string)"/> is the safe way when it is known to be one.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The bounds; null for <see cref="VmiLimits.Default"/>.</param>
    /// <param name="progress">
    /// Is told how much of a file that must be read through was read, from 0 to 1; null if nobody wants to know.
    /// </param>
    /// <returns>The driver of the format: <see cref="ElfCoreDriver"/>, <see cref="KdumpDriver"/>, <see cref="LimeDriver"/>, …</returns>
    /// <exception cref="VmiFormatException">It is of none of these formats, truncated or corrupt; the message says which.</exception>
    /// <exception cref="VmiDriverException">It can't be opened.</exception>
    public static MemoryFileDriver Open(string path, VmiLimits? limits = null, IProgress<double>? progress = null) =>
        OpenUnpacked(path, limits, file => Recognise(file, limits ?? VmiLimits.Default, progress));

    /// <summary>Opens a file for a driver, what it is packed into undone, and closes it if the driver can't be made.</summary>
    internal static TDriver OpenUnpacked<TDriver>(string path, VmiLimits? limits, Func<FileContent, TDriver> open)
        where TDriver : MemoryFileDriver => Open(path, file => open(Unpack(file, limits ?? VmiLimits.Default)));

    /// <summary>Opens a file for a driver, and closes it if that can't be made.</summary>
    internal static TDriver Open<TDriver>(string path, Func<FileContent, TDriver> open)
        where TDriver : MemoryFileDriver
    {
        var file = HostFile.Open(path);
        try
        {
            return open(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Undoes what a file is packed into: a qcow2 image; zstd, xz or BGZF, and within it makedumpfile's flattened form.</summary>
    private static FileContent Unpack(FileContent file, VmiLimits limits)
    {
        if (BeginsWith(file, Qcow2Image.Magic))
            return SavedState.Open(file, limits);
        if (BeginsWith(file, ZstdFile.Magic))
            file = ZstdFile.Open(file, limits);
        else if (BeginsWith(file, XzFile.Magic))
            file = XzFile.Open(file, limits);
        else if (BeginsWith(file, BgzfFile.Magic))
            file = BgzfFile.Open(file, limits) ?? file;
        return BeginsWith(file, FlattenedFile.Magic) ? FlattenedFile.Open(file, limits) : file;
    }

    private static bool BeginsWith(FileContent file, ReadOnlySpan<byte> magic)
    {
        Span<byte> head = stackalloc byte[magic.Length];
        return file.Read(0, head) == head.Length && head.SequenceEqual(magic);
    }

    private static MemoryFileDriver Recognise(FileContent file, VmiLimits limits, IProgress<double>? progress)
    {
        var buffer = new byte[HeadBytes];
        ReadOnlySpan<byte> head = buffer.AsSpan(0, file.Read(0, buffer));
        if (head.StartsWith(ElfFile.Magic))
        {
            var elf = new ElfFile(file);
            return elf.HasSegments ? ElfCoreDriver.Open(file, elf, limits) : XenCoreDriver.Open(file, elf, limits);
        }
        if (head.StartsWith(KdumpHeader.Magic))
            return KdumpDriver.Open(file, limits);
        if (BinaryPrimitives.TryReadUInt32LittleEndian(head, out var magic) && magic == LimeDriver.Magic)
            return LimeDriver.Open(file, limits);
        if (head.StartsWith(AvmlDriver.Magic))
            return AvmlDriver.Open(file, limits);
        if (head.StartsWith(MigrationStream.Magic) || head.StartsWith(LibvirtSave.Magic))
            return MigrationDriver.Open(file, limits, progress);
        if (ForeignFormat.Recognise(head) is { } foreign)
            throw new VmiFormatException($"{file.Path} is {foreign.What}; {foreign.Advice}.");

        var reason = ForeignFormat.IsText(head) ? "it is text"
            : file.Length < SmallestRaw ? "it is smaller than 1 MiB"
            : file.Length % Frame.Size != 0 ? "its size is no multiple of 4 KiB"
            : null;
        if (reason is not null)
            throw new VmiFormatException($"{file.Path} is not a memory file that Vmi knows ({Known}): {reason}.");
        return RawDriver.Open(file);
    }
}
