using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>
/// The ELF vmcore that QEMU's `dump-guest-memory` (libvirt: `virsh dump --memory-only`) writes, with or without `-p` (paging). It
/// carries the registers of each vCPU, as far as QEMU's note has them, and the kernel's VMCOREINFO if the VM had a `vmcoreinfo`
/// device.
/// </summary>
public sealed class ElfCoreDriver : MemoryFileDriver, IVmiQueryRegisters, IVmCoreInfo
{
    private readonly IReadOnlyList<Amd64Registers> _vcpus;

    private ElfCoreDriver(HostFile file, List<FileRun> runs, ElfCoreNotes notes) : base("ELF vmcore", file, runs, notes.Vcpus.Count)
    {
        _vcpus = notes.Vcpus;
        VmCoreInfo = notes.VmCoreInfo;
    }

    /// <inheritdoc/>
    public string? VmCoreInfo { get; }

    /// <summary>Opens an ELF vmcore.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The bounds; null for <see cref="VmiLimits.Default"/>.</param>
    /// <exception cref="VmiFormatException">It is none, of another machine, truncated or corrupt; the message says which.</exception>
    /// <exception cref="VmiDriverException">It can't be opened.</exception>
    public static ElfCoreDriver Open(string path, VmiLimits? limits = null) =>
        MemoryFile.Open(path, file => Open(file, limits ?? VmiLimits.Default));

    internal static ElfCoreDriver Open(HostFile file, VmiLimits limits)
    {
        var segments = new ElfFile(file).ReadSegments(limits);
        // The notes first: they tell whether the addresses are a machine's.
        var notes = new ElfCoreNotes();
        foreach (var segment in segments)
        {
            if (segment.Type == ElfSegment.Note)
                notes.Read(file, segment, limits);
        }
        notes.Check(file.Path);
        return new ElfCoreDriver(file, Runs(file, segments), notes);
    }

    /// <summary>
    /// The registers of one vCPU: general, segments, descriptor tables, CR0, CR2, CR3, CR4, and KERNEL_GS_BASE from QEMU versions
    /// that write it. The file has no EFER, debug registers or other MSRs.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vCPU.</exception>
    public Registers GetRegisters(VcpuId vcpu)
    {
        ThrowIfClosed();
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(vcpu.Value, _vcpus.Count, nameof(vcpu));
        return _vcpus[vcpu.Value].Clone();
    }

    private static List<FileRun> Runs(HostFile file, List<ElfSegment> segments)
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
