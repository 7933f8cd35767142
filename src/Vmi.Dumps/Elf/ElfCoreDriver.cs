namespace Vmi.Dumps;

/// <summary>
/// The ELF vmcore that QEMU's `dump-guest-memory` (libvirt: `virsh dump --memory-only`) writes, with or without `-p` (paging), or a
/// crashed kernel (`/proc/vmcore`). It carries the registers of each vCPU, as far as its notes have them, and the kernel's VMCOREINFO
/// if the VM had a `vmcoreinfo` device.
/// </summary>
public sealed class ElfCoreDriver : MachineFileDriver
{
    private ElfCoreDriver(FileContent file, List<FileRun> runs, ElfCoreNotes notes)
        : base("ELF vmcore", file, runs, notes.Vcpus, notes.VmCoreInfo)
    {
    }

    /// <summary>Opens an ELF vmcore.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The bounds; null for <see cref="VmiLimits.Default"/>.</param>
    /// <exception cref="VmiFormatException">It is none, of another machine, truncated or corrupt; the message says which.</exception>
    /// <exception cref="VmiDriverException">It can't be opened.</exception>
    public static ElfCoreDriver Open(string path, VmiLimits? limits = null) =>
        MemoryFile.OpenUnpacked(path, limits, file => Open(file, new ElfFile(file), limits ?? VmiLimits.Default));

    internal static ElfCoreDriver Open(FileContent file, ElfFile elf, VmiLimits limits)
    {
        if (!elf.HasSegments)
            throw new VmiFormatException($"{file.Path} is an ELF core without program headers.");
        var segments = elf.ReadSegments(limits);
        // The notes first: they tell whether the addresses are a machine's.
        var notes = new ElfCoreNotes();
        foreach (var segment in segments)
        {
            if (segment.Type == ElfSegment.Note)
                notes.Read(file, (long)segment.Offset, (long)segment.FileBytes, limits);
        }
        notes.RefuseWhatIsNoMachine(file.Path);
        notes.Check(file.Path);
        return new ElfCoreDriver(file, Runs(file, segments), notes);
    }

    private static List<FileRun> Runs(FileContent file, List<ElfSegment> segments)
    {
        var runs = new List<FileRun>();
        foreach (var (index, type, offset, address, bytes) in segments)
        {
            if (type != ElfSegment.Load)
                continue;
            if (!FileRun.IsSane(address, bytes))
            {
                throw new VmiFormatException(
                    $"{file.Path} is corrupt: segment {index}, 0x{bytes:x} bytes at 0x{address:x}, is beyond 52-bit physical addresses.");
            }
            runs.Add(new FileRun(address, bytes, (long)offset));
        }
        return runs;
    }
}
