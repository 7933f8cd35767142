using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>
/// The sections of a core that Xen's toolstack writes (docs/misc/dump-core-format.txt): an ELF file without program headers, whose
/// sections are told apart by their names.
/// </summary>
internal sealed class XenCoreFile
{
    private const int SectionHeaderBytes = 64;   // Elf64_Shdr
    private const int MostSections = 1024;
    private const int LongestName = 32;
    private const int NoteHeaderBytes = 12;
    private const int MostNotes = 64;
    private const uint HeaderNote = 0x2000001;   // XEN_ELFNOTE_DUMPCORE_HEADER
    private const uint FormatNote = 0x2000003;   // XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION
    private const ulong HvmMagic = 0xf00febee, PvMagic = 0xf00febed;
    private const ulong Format = 1;              // major version 0, minor version 1

    private readonly FileContent _file;
    private readonly Dictionary<string, (long Offset, long Length)> _sections = [];
    private ulong _magic;

    /// <summary>Reads the section headers and the notes.</summary>
    /// <exception cref="VmiFormatException">It is none of an HVM or PVH guest, or is truncated or corrupt.</exception>
    public XenCoreFile(FileContent file, ElfFile elf)
    {
        _file = file;
        ReadSections(elf);
        ReadNotes();
        if (_magic == PvMagic)
        {
            throw new VmiFormatException(
                $"{file.Path} is Xen's core of a paravirtual guest, whose page tables hold machine addresses; Vmi reads HVM and PVH "
                + "guests.");
        }
        if (_magic != HvmMagic)
            throw new VmiFormatException($"{file.Path} is an ELF core without program headers, and not one of Xen's.");
    }

    /// <summary>The number of vCPUs.</summary>
    public ulong Vcpus { get; private set; }

    /// <summary>The number of pages.</summary>
    public ulong Pages { get; private set; }

    /// <summary>A section that must have some bytes, all of which are in the file.</summary>
    /// <exception cref="VmiFormatException">It is not there, or has fewer.</exception>
    public long Section(string name, ulong count, int bytesOfEach)
    {
        if (!_sections.TryGetValue(name, out var section))
            throw new VmiFormatException($"{_file.Path} is corrupt: a Xen core without the section {name}.");
        if (count > (ulong)section.Length / (ulong)bytesOfEach)
        {
            throw new VmiFormatException(
                $"{_file.Path} is corrupt: its section {name} has {section.Length} bytes for {count} items of {bytesOfEach} bytes.");
        }
        if (section.Length > _file.Length - section.Offset)
        {
            throw new VmiFormatException(
                $"{_file.Path} is truncated: {section.Length - (_file.Length - section.Offset)} bytes of its section {name} are missing.");
        }
        return section.Offset;
    }

    private void ReadSections(ElfFile elf)
    {
        var (offset, count, names) = elf.Sections;
        if (count is 0 or > MostSections || names >= count || offset > (ulong)_file.Length)
            throw new VmiFormatException($"{_file.Path} is an ELF core without program headers and without sections that can be read.");
        Span<byte> header = stackalloc byte[SectionHeaderBytes];
        var (nameTable, nameBytes) = Place(names, header);
        Span<byte> nameText = stackalloc byte[LongestName];
        for (ushort i = 0; i < count; i++)
        {
            var place = Place(i, header);
            var at = BinaryPrimitives.ReadUInt32LittleEndian(header);
            var name = nameText[..(int)Math.Clamp(nameBytes - at, 0, LongestName)];
            name = name[..Math.Max(_file.Read(nameTable + at, name), 0)];
            if (name.IndexOf((byte)0) is > 0 and var end)
                _sections.TryAdd(System.Text.Encoding.Latin1.GetString(name[..end]), place);
        }

        (long Offset, long Length) Place(ushort number, Span<byte> section)
        {
            _file.ReadAll((long)offset + (number * SectionHeaderBytes), section);
            var start = BinaryPrimitives.ReadUInt64LittleEndian(section[24..]);
            var length = BinaryPrimitives.ReadUInt64LittleEndian(section[32..]);
            if (start > (ulong)_file.Length || length > long.MaxValue)
                throw new VmiFormatException($"{_file.Path} is corrupt or truncated: ELF section {number} begins at offset 0x{start:x}.");
            return ((long)start, (long)length);
        }
    }

    private void ReadNotes()
    {
        if (!_sections.TryGetValue(".note.Xen", out var notes))
            return;
        Span<byte> note = stackalloc byte[NoteHeaderBytes + 4 + 32];
        var at = notes.Offset;
        for (var i = 0; i < MostNotes && at - notes.Offset < notes.Length; i++)
        {
            var count = _file.Read(at, note);
            if (count < NoteHeaderBytes)
                return;
            var nameLength = BinaryPrimitives.ReadUInt32LittleEndian(note);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(note[4..]);
            var type = BinaryPrimitives.ReadUInt32LittleEndian(note[8..]);
            var description = note[..count][Math.Min(count, NoteHeaderBytes + 4)..];
            if (nameLength == 4 && type == HeaderNote && length >= 32 && description.Length == 32)
                TakeHeader(description);
            else if (nameLength == 4 && type == FormatNote && length >= 8 && description.Length >= 8)
                CheckFormat(BinaryPrimitives.ReadUInt64LittleEndian(description));
            at += NoteHeaderBytes + ((nameLength + 3L) & ~3L) + ((length + 3L) & ~3L);
        }
    }

    private void TakeHeader(ReadOnlySpan<byte> header)
    {
        _magic = BinaryPrimitives.ReadUInt64LittleEndian(header);
        Vcpus = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        Pages = BinaryPrimitives.ReadUInt64LittleEndian(header[16..]);
        var pageBytes = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        if (pageBytes != Frame.Size)
            throw new VmiFormatException($"{_file.Path} is corrupt: a Xen core of pages of {pageBytes} bytes.");
        if (Vcpus > ushort.MaxValue + 1)
            throw new VmiFormatException($"{_file.Path} has more than {ushort.MaxValue + 1} vCPUs.");
    }

    private void CheckFormat(ulong version)
    {
        if (version >> 32 != Format >> 32)
            throw new VmiFormatException($"{_file.Path} is a Xen core of format {version >> 32}.{(uint)version}; Vmi reads 0.1.");
    }
}
