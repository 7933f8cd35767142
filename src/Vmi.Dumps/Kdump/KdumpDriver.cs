namespace Vmi.Dumps;

/// <summary>
/// A kdump-compressed file, as QEMU's `dump-guest-memory -z`, `-s` and makedumpfile write it, flattened or not: each page by itself,
/// stored, or compressed with zlib, snappy or zstd. It carries the registers of each vCPU, as far as its notes have them (QEMU's are
/// those of an ELF vmcore), and the kernel's VMCOREINFO. Pages that makedumpfile left out (`-d`) are missing memory.
/// </summary>
public sealed class KdumpDriver : MachineFileDriver
{
    private KdumpDriver(string format, FileContent pages, List<FileRun> runs, ElfCoreNotes notes)
        : base(format, pages, runs, notes.Vcpus, notes.VmCoreInfo)
    {
    }

    /// <summary>Opens a kdump-compressed file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The bounds; null for <see cref="VmiLimits.Default"/>.</param>
    /// <exception cref="VmiFormatException">It is none, of another machine, truncated or corrupt; the message says which.</exception>
    /// <exception cref="VmiDriverException">It can't be opened.</exception>
    public static KdumpDriver Open(string path, VmiLimits? limits = null) =>
        MemoryFile.OpenUnpacked(path, limits, file => Open(file, limits ?? VmiLimits.Default));

    internal static KdumpDriver Open(FileContent file, VmiLimits limits)
    {
        var header = KdumpHeader.Read(file, limits);
        var notes = new ElfCoreNotes();
        if (header.Notes.Length != 0)
            notes.Read(file, header.Notes.Offset, header.Notes.Length, limits);
        if (header.VmCoreInfo.Length != 0)
            notes.ReadVmCoreInfo(file, header.VmCoreInfo.Offset, header.VmCoreInfo.Length, limits);
        notes.Check(file.Path);

        var bitmap = new PageBitmap(file, header.BitmapOffset, header.MaxMapNr, limits);
        var pages = new KdumpPages(file, header, bitmap);
        var end = header.DescriptorsOffset + (bitmap.Count * KdumpPages.DescriptorBytes);
        if (end > file.Length)
            throw new VmiFormatException($"{file.Path} is truncated: {end - file.Length} bytes of its page descriptors are missing.");
        return new KdumpDriver(header.CompressionName, pages, bitmap.Runs, notes);
    }
}
