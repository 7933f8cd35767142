using System.Buffers.Binary;
using System.Text;

namespace Vmi.Linux;

/// <summary>
/// A kernel's file: a vmlinuz, as distributions ship it, or a vmlinux. It is unpacked, and what is in it can be compared with a running
/// kernel (<see cref="LinuxOs.Check"/>).
/// </summary>
public sealed class LinuxKernelFile
{
    private const int HeaderLength = 64, SectionLength = 64, MostSections = 4096, LongestName = 255;
    private const ushort Amd64 = 62; // EM_X86_64
    private const uint NoBits = 8; // SHT_NOBITS
    private const ulong Allocated = 2; // SHF_ALLOC
    private const uint NoteGnuBuildId = 3;

    private readonly byte[] _bytes;
    private readonly List<KernelSection> _sections = [];

    private LinuxKernelFile(byte[] bytes)
    {
        _bytes = bytes;
        if (bytes.Length < HeaderLength || !bytes.AsSpan().StartsWith("\x7f"u8) || !bytes.AsSpan(1).StartsWith("ELF"u8)
            || bytes[4] != 2 || bytes[5] != 1 || BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(18)) != Amd64)
            throw new VmiFormatException("There is no 64-bit x86 kernel in this file.");
        End = ReadSections();
        if (Find(".text") is not { } text)
            throw new VmiFormatException("This kernel's file has no table of sections, or no code in it.");
        Text = text;
        BuildId = ReadBuildId();
    }

    /// <summary>The GNU build id in lower-case hexadecimal digits; null if the file has none.</summary>
    public string? BuildId { get; }

    /// <summary>The kernel's code. It begins at `_text`.</summary>
    internal KernelSection Text { get; }

    /// <summary>The sections that are in memory, too.</summary>
    internal IReadOnlyList<KernelSection> Sections => _sections;

    /// <summary>What follows the ELF file: the relocations, in a kernel that can be moved.</summary>
    internal ReadOnlySpan<byte> Rest => _bytes.AsSpan(End);

    private int End { get; }

    /// <summary>Reads a kernel's file.</summary>
    /// <param name="path">The vmlinuz or vmlinux.</param>
    /// <param name="limits">The bound on its size, unpacked or not: <see cref="VmiLimits.TableBytes"/>.</param>
    /// <exception cref="VmiFormatException">It is no 64-bit x86 kernel, or packed in a way that is not read, or damaged.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static LinuxKernelFile Load(string path, VmiLimits? limits = null)
    {
        using var stream = File.OpenRead(path);
        return Load(stream, limits);
    }

    /// <summary>Reads a kernel's file.</summary>
    /// <param name="stream">The vmlinuz or vmlinux; one that can seek.</param>
    /// <param name="limits">The bound on its size, unpacked or not: <see cref="VmiLimits.TableBytes"/>.</param>
    /// <exception cref="VmiFormatException">It is no 64-bit x86 kernel, or packed in a way that is not read, or damaged.</exception>
    /// <exception cref="IOException">The stream can't be read.</exception>
    public static LinuxKernelFile Load(Stream stream, VmiLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var most = (limits ?? VmiLimits.Default).TableBytes;
        if (stream.Length > most)
            throw new VmiFormatException($"This file has more than the {most} bytes that are allowed.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return new LinuxKernelFile(KernelUnpacker.Unpack(bytes, most));
    }

    /// <summary>The section of a name; null if there is none.</summary>
    internal KernelSection? Find(string name) => _sections.Find(section => section.Name == name) is { Length: > 0 } found ? found : null;

    /// <summary>The bytes of a section.</summary>
    internal ReadOnlySpan<byte> BytesOf(KernelSection section) => _bytes.AsSpan(section.Offset, section.Length);

    /// <summary>The bytes at an address that the kernel was linked to; empty if the file has not all of them.</summary>
    internal ReadOnlySpan<byte> BytesAt(ulong address, int length) =>
        length > 0 && _sections.Find(section => section.Contains(address, length)) is { Length: > 0 } section
            ? _bytes.AsSpan(section.Offset + (int)(address - section.Address), length) : default;

    /// <summary>Reads the table of sections.</summary>
    /// <returns>Where the ELF file ends.</returns>
    private int ReadSections()
    {
        var table = BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(40));
        var count = BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(60));
        var names = BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(62));
        if (table == 0 || count > MostSections || names >= count
            || !TryPart(table, (ulong)count * SectionLength, out var start, out var length))
            return _bytes.Length;
        var headers = _bytes.AsSpan(start, length);
        var end = start + length;
        var texts = TryContent(headers[(names * SectionLength)..], out var at, out var size) ? _bytes.AsSpan(at, size) : default;
        for (var i = 0; i < count; i++)
        {
            var header = headers[(i * SectionLength)..];
            if (!TryContent(header, out var offset, out var bytes))
                continue;
            end = Math.Max(end, offset + bytes);
            var name = BinaryPrimitives.ReadUInt32LittleEndian(header);
            // Of per-CPU variables the addresses are offsets.
            if (name < (uint)texts.Length && (BinaryPrimitives.ReadUInt64LittleEndian(header[8..]) & Allocated) != 0
                && BinaryPrimitives.ReadUInt64LittleEndian(header[16..]) is var address && new Va(address).IsUpperHalf)
            {
                var most = Math.Min(texts.Length - (int)name, LongestName);
                var text = GuestText.Terminated(texts.Slice((int)name, most));
                _sections.Add(new KernelSection(Encoding.ASCII.GetString(text), address, offset, bytes));
            }
        }

        return end;
    }

    private bool TryContent(ReadOnlySpan<byte> header, out int offset, out int length)
    {
        (offset, length) = (0, 0);
        return BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) != NoBits && TryPart(
            BinaryPrimitives.ReadUInt64LittleEndian(header[24..]), BinaryPrimitives.ReadUInt64LittleEndian(header[32..]),
            out offset, out length);
    }

    private bool TryPart(ulong offset, ulong length, out int start, out int count)
    {
        var isInside = offset <= (ulong)_bytes.Length && length <= (ulong)_bytes.Length - offset;
        (start, count) = isInside ? ((int)offset, (int)length) : default;
        return isInside;
    }

    /// <summary>Goes through the notes: sizes of name and content, a type, then both, each padded to 4 bytes.</summary>
    private string? ReadBuildId()
    {
        if (Find(".notes") is not { } section)
            return null;
        var notes = BytesOf(section);
        while (notes.Length >= 12)
        {
            var nameLength = (ulong)BinaryPrimitives.ReadUInt32LittleEndian(notes);
            var length = (ulong)BinaryPrimitives.ReadUInt32LittleEndian(notes[4..]);
            var type = BinaryPrimitives.ReadUInt32LittleEndian(notes[8..]);
            notes = notes[12..];
            var contentAt = (nameLength + 3) & ~3UL;
            if (contentAt + length > (ulong)notes.Length)
                return null;
            if (type == NoteGnuBuildId && notes[..(int)nameLength].SequenceEqual("GNU\0"u8))
                return Convert.ToHexStringLower(notes.Slice((int)contentAt, (int)length));
            notes = notes[(int)Math.Min((ulong)notes.Length, (contentAt + length + 3) & ~3UL)..];
        }

        return null;
    }
}
