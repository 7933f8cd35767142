using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>
/// Writes an ELF vmcore as QEMU's `dump-guest-memory` does: a PT_LOAD for each range of memory, with pages of zeros left out of the file
/// (holes), and the notes CORE and QEMU for each vCPU, VMCOREINFO where it is known.
/// </summary>
public static class ElfCoreWriter
{
    private const int HeaderBytes = 64, SegmentBytes = 56, SectionBytes = 64;
    private const uint ProcessStatus = 1;   // NT_PRSTATUS

    /// <summary>PN_XNUM: so many segments, or more, are counted in `sh_info` of the first section.</summary>
    private const int MostSegments = 0xFFFF;

    /// <summary>
    /// Writes the memory and the registers of a machine. Pause a running one meanwhile. The file has its name only when it is whole; one
    /// that is there is replaced.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="memory">What is written.</param>
    /// <param name="options">What else goes in; null for nothing.</param>
    /// <param name="cancellationToken">Ends it; heeded after each piece of at most 1 MiB.</param>
    /// <exception cref="VmiNotSupportedException">
    /// There are neither registers nor VMCOREINFO, without which the file could not be told from a process's core.
    /// </exception>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    /// <exception cref="IOException">The file can't be written.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled. No file is left.</exception>
    public static ElfCoreSummary Write(
        string path, VmiMemory memory, ElfCoreOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(memory);
        if (memory.Driver is not IVmiRead reader)
            throw new VmiNotSupportedException("reading memory", memory.Driver.Name);
        var vcpus = RegistersOf(memory);
        var text = (memory.Driver as IVmCoreInfo)?.VmCoreInfo ?? options?.VmCoreInfo;
        if (text is null && !vcpus.Exists(HasQemuState))
            throw new VmiNotSupportedException("an ELF vmcore, which needs registers or VMCOREINFO,", memory.Driver.Name);
        // On a running machine its size, and with it its memory map, is read anew.
        _ = memory.Info;
        var ranges = reader.MemoryMap;
        var notes = NotesOf(vcpus, text);

        var unfinished = path + ".partial";
        try
        {
            ElfCoreSummary summary;
            using (var file = File.OpenHandle(
                Create(unfinished), FileMode.Open, FileAccess.Write, FileShare.Read))
            {
                var (header, places, end) = Layout(ranges, notes);
                RandomAccess.SetLength(file, end);
                RandomAccess.Write(file, header, 0);
                var total = ranges.Aggregate(0UL, (sum, range) => sum + range.Length);
                var pass = new MemoryPass(reader, options?.Progress, cancellationToken);
                var written = 0UL;
                // The address of a piece is its place in the file.
                pass.Run(
                    ranges.Select((range, i) => ((ulong)places[i], range.Start, range.Length)), total,
                    (place, bytes) =>
                    {
                        written += WriteWithoutZeros(file, (long)place, bytes);
                        return true;
                    });
                cancellationToken.ThrowIfCancellationRequested();
                summary = new ElfCoreSummary(total, written, ranges.Count, vcpus.Count, text is not null, pass.Incomplete);
            }

            File.Move(unfinished, path, overwrite: true);
            return summary;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Makes the file, for its owner only: it will hold all secrets of the guest.</summary>
    private static string Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (new FileStream(path, options))
            return path;
    }

    private static List<Amd64Registers> RegistersOf(VmiMemory memory) => memory.Supports<IVmiQueryRegisters>()
        ? [.. Enumerable.Range(0, memory.Info.Vcpus).Select(vcpu => (Amd64Registers)memory.GetRegisters(new VcpuId((ushort)vcpu)))
            .Where(registers => registers.Available.HasFlag(Amd64RegisterGroups.General))]
        : [];

    private static bool HasQemuState(Amd64Registers registers) => (registers.Available & QemuCpuState.Needed) == QemuCpuState.Needed;

    private static byte[] NotesOf(List<Amd64Registers> vcpus, string? vmCoreInfo)
    {
        using var notes = new MemoryStream();
        for (var vcpu = 0; vcpu < vcpus.Count; vcpu++)
            AddNote(notes, "CORE", ProcessStatus, PrStatus.Format(vcpus[vcpu], vcpu));
        // All or none: whoever reads them counts them.
        if (vcpus.TrueForAll(HasQemuState))
        {
            foreach (var registers in vcpus)
                AddNote(notes, "QEMU", 0, QemuCpuState.Format(registers));
        }

        if (vmCoreInfo is not null)
            AddNote(notes, "VMCOREINFO", 0, Encoding.UTF8.GetBytes(vmCoreInfo));
        return notes.ToArray();
    }

    /// <summary>`Elf64_Nhdr`, the name with its zero, the content; each padded to 4 bytes.</summary>
    private static void AddNote(MemoryStream notes, string name, uint type, byte[] content)
    {
        var start = notes.Length;
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(header, name.Length + 1);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], type);
        notes.Write(header);
        notes.Write(Encoding.ASCII.GetBytes(name + '\0'));
        Pad();
        notes.Write(content);
        Pad();

        void Pad()
        {
            while ((notes.Length - start) % 4 != 0)
                notes.WriteByte(0);
        }
    }

    /// <summary>All that comes before the memory, where in the file each range begins, and where the file ends.</summary>
    private static (byte[] Header, long[] Places, long End) Layout(IReadOnlyList<PhysicalRange> ranges, byte[] notes)
    {
        var segments = ranges.Count + 1;
        var isMany = segments >= MostSegments;
        var sections = HeaderBytes + (segments * (long)SegmentBytes);
        var notesAt = sections + (isMany ? SectionBytes : 0);
        var header = new byte[notesAt + notes.Length];
        notes.CopyTo(header, (int)notesAt);
        WriteHeader(header, segments, isMany ? sections : 0);
        // PT_NOTE.
        WriteSegment(header.AsSpan(HeaderBytes), ElfSegment.Note, notesAt, 0, (ulong)notes.Length);

        var places = new long[ranges.Count];
        var place = AlignUp(header.Length);
        for (var i = 0; i < ranges.Count; i++)
        {
            places[i] = place;
            var segment = header.AsSpan(HeaderBytes + ((i + 1) * SegmentBytes));
            WriteSegment(segment, ElfSegment.Load, place, ranges[i].Start.Value, ranges[i].Length);
            place = AlignUp(place + (long)ranges[i].Length);
        }

        return (header, places, place);
    }

    /// <summary>`Elf64_Ehdr`, and the one `Elf64_Shdr` where there are too many segments for it.</summary>
    private static void WriteHeader(Span<byte> header, int segments, long sections)
    {
        // Magic, 64 bits, little-endian, version 1; ET_CORE, EM_X86_64.
        ReadOnlySpan<byte> identification = [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        identification.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[16..], 4);
        BinaryPrimitives.WriteUInt16LittleEndian(header[18..], 62);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], HeaderBytes);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], sections);
        BinaryPrimitives.WriteUInt16LittleEndian(header[52..], HeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header[54..], SegmentBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header[56..], (ushort)Math.Min(segments, MostSegments));
        BinaryPrimitives.WriteUInt16LittleEndian(header[58..], SectionBytes);
        if (sections == 0)
            return;
        BinaryPrimitives.WriteUInt16LittleEndian(header[60..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(header[((int)sections + 44)..], segments);   // sh_info
    }

    /// <summary>`Elf64_Phdr`; as in QEMU's, a virtual address is not known.</summary>
    private static void WriteSegment(Span<byte> segment, uint type, long place, ulong address, ulong length)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(segment, type);
        BinaryPrimitives.WriteInt64LittleEndian(segment[8..], place);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[24..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[32..], length);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[40..], length);
    }

    /// <summary>Writes what is not zero, by the frame.</summary>
    private static ulong WriteWithoutZeros(SafeFileHandle file, long place, ReadOnlySpan<byte> bytes)
    {
        var written = 0UL;
        for (var at = 0; at < bytes.Length;)
        {
            var start = at;
            while (at < bytes.Length && FrameAt(bytes, at).ContainsAnyExcept((byte)0))
                at += FrameAt(bytes, at).Length;
            if (at > start)
            {
                RandomAccess.Write(file, bytes[start..at], place + start);
                written += (ulong)(at - start);
            }

            if (at < bytes.Length)
                at += FrameAt(bytes, at).Length;
        }

        return written;
    }

    private static ReadOnlySpan<byte> FrameAt(ReadOnlySpan<byte> bytes, int at) =>
        bytes.Slice(at, Math.Min(Frame.Size, bytes.Length - at));

    private static long AlignUp(long length) => (length + (Frame.Size - 1)) & ~(Frame.Size - 1L);
}
