using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>The ELF core of a machine: its header, checked, and its program headers.</summary>
internal sealed class ElfFile
{
    private const int IdentBytes = 20;           // e_ident, e_type, e_machine: the same in both classes
    private const int HeaderBytes = 64;          // Elf64_Ehdr
    private const int ProgramHeaderBytes = 56;   // Elf64_Phdr
    private const int SectionHeaderBytes = 64;   // Elf64_Shdr
    private const int SectionInfoOffset = 44;    // sh_info
    private const ushort CoreType = 4;           // ET_CORE
    private const ushort MachineI386 = 3;        // EM_386
    private const ushort MachineX86_64 = 62;     // EM_X86_64
    private const ushort ManySegments = 0xffff;  // PN_XNUM

    private readonly FileContent _file;
    private readonly ulong _programHeaders;
    private readonly uint _count;

    /// <summary>Checks the header.</summary>
    /// <exception cref="VmiFormatException">It is none of an x86 machine's 64-bit core.</exception>
    public ElfFile(FileContent file)
    {
        _file = file;
        Span<byte> header = stackalloc byte[HeaderBytes];
        header = header[..file.Read(0, header)];
        CheckKind(header);
        if (header.Length < HeaderBytes)
            throw Truncated(HeaderBytes, "its ELF header");

        _programHeaders = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        var size = BinaryPrimitives.ReadUInt16LittleEndian(header[54..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(header[56..]);
        _count = count == ManySegments ? ReadManySegments(BinaryPrimitives.ReadUInt64LittleEndian(header[40..])) : count;
        Sections = (BinaryPrimitives.ReadUInt64LittleEndian(header[40..]), BinaryPrimitives.ReadUInt16LittleEndian(header[60..]),
            BinaryPrimitives.ReadUInt16LittleEndian(header[62..]));
        if (_count != 0 && size != ProgramHeaderBytes)
            throw new VmiFormatException($"{file.Path} is corrupt: its ELF program headers have {size} bytes, not {ProgramHeaderBytes}.");
    }

    /// <summary>The four bytes at the beginning of each ELF file.</summary>
    public static ReadOnlySpan<byte> Magic => [0x7f, (byte)'E', (byte)'L', (byte)'F'];

    /// <summary>Whether there are program headers. Xen's cores have none.</summary>
    public bool HasSegments => _count != 0;

    /// <summary>Where the section headers are, how many, and which section has their names: as the file says, unchecked.</summary>
    public (ulong Offset, ushort Count, ushort Names) Sections { get; }

    /// <summary>Reads the program headers of the types that matter, PT_LOAD and PT_NOTE, whose data all lie in the file.</summary>
    /// <exception cref="VmiFormatException">There are too many, one is corrupt, or the file is truncated.</exception>
    public List<ElfSegment> ReadSegments(VmiLimits limits)
    {
        if (_count > (uint)Math.Max(limits.Segments, 0))
        {
            throw new VmiFormatException(
                $"{_file.Path} has {_count} ELF segments, more than the limit of {limits.Segments} (VmiLimits.Segments).");
        }
        var bytes = (ulong)_count * ProgramHeaderBytes;
        if (_programHeaders > long.MaxValue - bytes)
            throw new VmiFormatException($"{_file.Path} is corrupt: its ELF program headers are at offset 0x{_programHeaders:x}.");
        if (_programHeaders + bytes > (ulong)_file.Length)
            throw Truncated(_programHeaders + bytes, "its ELF program headers");

        var segments = new List<ElfSegment>();
        ulong end = 0;
        ElfSegment? cut = null;
        var chunk = new byte[(int)Math.Min(_count, 1024) * ProgramHeaderBytes];
        for (uint first = 0; first < _count;)
        {
            var some = (int)Math.Min((uint)(chunk.Length / ProgramHeaderBytes), _count - first);
            var part = chunk.AsSpan(0, some * ProgramHeaderBytes);
            _file.ReadAll((long)(_programHeaders + (ulong)first * ProgramHeaderBytes), part);
            for (var i = 0; i < some; i++)
            {
                var segment = Parse(part.Slice(i * ProgramHeaderBytes, ProgramHeaderBytes), first + (uint)i);
                if (segment is null)
                    continue;
                segments.Add(segment.Value);
                var segmentEnd = segment.Value.Offset + segment.Value.FileBytes;
                if (segmentEnd > (ulong)_file.Length && (cut is null || segment.Value.Offset < cut.Value.Offset))
                    cut = segment;
                end = Math.Max(end, segmentEnd);
            }
            first += (uint)some;
        }
        if (cut is { } missing)
            throw Truncated(end, $"from segment {missing.Index} on (physical address 0x{missing.Address:x})");
        return segments;
    }

    private void CheckKind(ReadOnlySpan<byte> header)
    {
        if (!header.StartsWith(Magic))
            throw new VmiFormatException($"{_file.Path} is not an ELF file.");
        if (header.Length < IdentBytes)
            throw Truncated(HeaderBytes, "its ELF header");
        int fileClass = header[4], order = header[5];
        if (fileClass is not (1 or 2) || order is not (1 or 2))
            throw new VmiFormatException($"{_file.Path} is corrupt: its ELF header has class {fileClass} and byte order {order}.");

        var big = order == 2;
        var type = big ? BinaryPrimitives.ReadUInt16BigEndian(header[16..]) : BinaryPrimitives.ReadUInt16LittleEndian(header[16..]);
        var machine = big ? BinaryPrimitives.ReadUInt16BigEndian(header[18..]) : BinaryPrimitives.ReadUInt16LittleEndian(header[18..]);
        if (type != CoreType)
            throw new VmiFormatException($"{_file.Path} is {TypeName(type)}, not a memory file.");
        // QEMU writes EM_386 while the first vCPU is not in long mode.
        if (machine is not (MachineX86_64 or MachineI386))
            throw new VmiFormatException($"{_file.Path} is an ELF core for {MachineName(machine)}; Vmi reads x86-64 guests.");
        if (fileClass != 2)
            throw new VmiFormatException($"{_file.Path} is a 32-bit ELF core; Vmi reads 64-bit ones.");
        if (big)
            throw new VmiFormatException($"{_file.Path} is corrupt: a big-endian ELF core for {MachineName(machine)}.");
    }

    /// <summary>With more than 65534 program headers, their number is in `sh_info` of section 0.</summary>
    private uint ReadManySegments(ulong sectionHeaders)
    {
        if (sectionHeaders is 0 or > long.MaxValue - SectionHeaderBytes)
            throw new VmiFormatException($"{_file.Path} is corrupt: it has PN_XNUM ELF segments but no section 0 that says how many.");
        Span<byte> section = stackalloc byte[SectionHeaderBytes];
        if (_file.Read((long)sectionHeaders, section) != SectionHeaderBytes)
            throw Truncated(sectionHeaders + SectionHeaderBytes, "its ELF section 0");
        return BinaryPrimitives.ReadUInt32LittleEndian(section[SectionInfoOffset..]);
    }

    /// <summary>One program header; null if its type does not matter or it has no bytes in the file.</summary>
    private ElfSegment? Parse(ReadOnlySpan<byte> header, uint index)
    {
        var type = BinaryPrimitives.ReadUInt32LittleEndian(header);
        var offset = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        var address = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        var fileBytes = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        var memoryBytes = BinaryPrimitives.ReadUInt64LittleEndian(header[40..]);
        if (type is not (ElfSegment.Load or ElfSegment.Note) || fileBytes == 0)
            return null;
        if (fileBytes > long.MaxValue || offset > long.MaxValue - fileBytes)
            throw new VmiFormatException($"{_file.Path} is corrupt: segment {index} has 0x{fileBytes:x} bytes at offset 0x{offset:x}.");
        if (type == ElfSegment.Load && memoryBytes < fileBytes)
        {
            throw new VmiFormatException(
                $"{_file.Path} is corrupt: segment {index} has 0x{fileBytes:x} bytes for 0x{memoryBytes:x} of memory.");
        }
        return new ElfSegment(index, type, offset, address, fileBytes);
    }

    private VmiFormatException Truncated(ulong needed, string where) =>
        new($"{_file.Path} is truncated: {needed - (ulong)_file.Length} of {needed} bytes are missing, {where}.");

    private static string TypeName(ushort type) => type switch
    {
        1 => "an ELF relocatable object",
        2 => "an ELF executable",
        3 => "an ELF shared object or position-independent executable",
        _ => $"an ELF file of type {type}",
    };

    private static string MachineName(ushort machine) => machine switch
    {
        MachineI386 => "x86",
        8 => "MIPS",
        20 => "PowerPC",
        21 => "PowerPC 64",
        22 => "IBM S/390",
        40 => "ARM",
        MachineX86_64 => "x86-64",
        183 => "AArch64",
        243 => "RISC-V",
        258 => "LoongArch",
        _ => $"machine {machine}",
    };
}
