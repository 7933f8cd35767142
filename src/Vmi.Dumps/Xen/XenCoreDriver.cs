using System.Buffers.Binary;
using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>
/// The core that Xen's `xl dump-core` writes of an HVM or PVH guest: its pages, and the registers of each vCPU as far as Xen tells them
/// to its toolstack. It carries no VMCOREINFO.
/// </summary>
public sealed class XenCoreDriver : MachineFileDriver
{
    private const ulong NoFrame = ulong.MaxValue;   // XC_CORE_INVALID_PFN
    private const int NumbersAtOnce = 4096;

    private XenCoreDriver(FileContent file, List<FileRun> runs, IReadOnlyList<Amd64Registers> vcpus) : base("Xen core", file, runs, vcpus)
    {
    }

    /// <summary>Opens Xen's core.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The bounds; null for <see cref="VmiLimits.Default"/>.</param>
    /// <exception cref="VmiFormatException">It is none of an HVM or PVH guest, or is truncated or corrupt.</exception>
    /// <exception cref="VmiDriverException">It can't be opened.</exception>
    public static XenCoreDriver Open(string path, VmiLimits? limits = null) =>
        MemoryFile.OpenUnpacked(path, limits, file => Open(file, new ElfFile(file), limits ?? VmiLimits.Default));

    internal static XenCoreDriver Open(FileContent file, ElfFile elf, VmiLimits limits)
    {
        var core = new XenCoreFile(file, elf);
        return new XenCoreDriver(file, Runs(file, core, limits), Registers(file, core));
    }

    private static List<Amd64Registers> Registers(FileContent file, XenCoreFile core)
    {
        var offset = core.Section(".xen_prstatus", core.Vcpus, XenVcpu.Bytes);
        var vcpus = new List<Amd64Registers>((int)core.Vcpus);
        var context = new byte[XenVcpu.Bytes];
        for (var vcpu = 0L; vcpu < (long)core.Vcpus; vcpu++)
        {
            file.ReadAll(offset + (vcpu * XenVcpu.Bytes), context);
            vcpus.Add(XenVcpu.Parse(context));
        }
        return vcpus;
    }

    /// <summary>The pages, in whatever order: page N of `.xen_pages` is the frame that number N of `.xen_pfn` says.</summary>
    private static List<FileRun> Runs(FileContent file, XenCoreFile core, VmiLimits limits)
    {
        var pages = core.Section(".xen_pages", core.Pages, Frame.Size);
        var frames = core.Section(".xen_pfn", core.Pages, sizeof(ulong));
        var runs = new List<FileRun>();
        var numbers = new byte[NumbersAtOnce * sizeof(ulong)];
        for (var first = 0L; first < (long)core.Pages; first += NumbersAtOnce)
        {
            var part = numbers.AsSpan(0, (int)Math.Min(NumbersAtOnce, (long)core.Pages - first) * sizeof(ulong));
            file.ReadAll(frames + (first * sizeof(ulong)), part);
            for (var i = 0; i < part.Length / sizeof(ulong); i++)
            {
                var frame = BinaryPrimitives.ReadUInt64LittleEndian(part[(i * sizeof(ulong))..]);
                if (frame == NoFrame)
                    continue;
                if (frame >= FileRun.AddressLimit / Frame.Size)
                    throw new VmiFormatException($"{file.Path} is corrupt: frame 0x{frame:x} is beyond 52-bit physical addresses.");
                Add(new FileRun(frame * Frame.Size, Frame.Size, pages + ((first + i) * Frame.Size)));
            }
        }
        return runs;

        void Add(FileRun page)
        {
            if (runs.Count > 0 && runs[^1].Joins(page))
            {
                runs[^1] = runs[^1] with { Length = runs[^1].Length + Frame.Size };
                return;
            }
            if (runs.Count >= limits.Segments)
                throw new VmiFormatException($"{file.Path} has more than {limits.Segments} runs of pages (VmiLimits.Segments).");
            runs.Add(page);
        }
    }
}
