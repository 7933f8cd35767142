using System.Buffers.Binary;
using System.Text;

namespace Vmi.Dumps.Tests;

/// <summary>Writes the bytes of an ELF core as System V's specification and QEMU's dump-guest-memory say.</summary>
internal sealed class ElfBuilder
{
    private readonly List<(uint Type, ulong Address, ulong Virtual, byte[] Content, ulong? MemoryBytes, ulong? Offset)> _segments = [];
    private readonly List<byte> _notes = [];

    public byte Class { get; set; } = 2;

    public byte Order { get; set; } = 1;

    public ushort Type { get; set; } = 4;

    public ushort Machine { get; set; } = 62;

    /// <summary>Whether the number of segments is put into section 0 (PN_XNUM).</summary>
    public bool CountInSection { get; set; }

    /// <summary>The notes added so far, as a PT_NOTE segment holds them.</summary>
    public byte[] Notes => [.. _notes];

    /// <summary>Adds a PT_LOAD; with an offset it shares the bytes that stand there.</summary>
    public ElfBuilder Load(ulong address, byte[] content, ulong? memoryBytes = null, ulong? offset = null, ulong virtualAddress = 0)
    {
        _segments.Add((1, address, virtualAddress, content, memoryBytes, offset));
        return this;
    }

    public ElfBuilder Note(string name, uint type, ReadOnlySpan<byte> content)
    {
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(header, name.Length + 1);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], type);
        _notes.AddRange(header);
        AddPadded(Encoding.ASCII.GetBytes(name + "\0"));
        AddPadded(content);
        return this;
    }

    /// <summary>What QEMU writes for each vCPU: NT_PRSTATUS and its own note.</summary>
    public ElfBuilder Vcpu(byte[]? state = null) => Note("CORE", 1, new byte[336]).Note("QEMU", 0, state ?? QemuState());

    /// <summary>A `QEMUCPUState` of version 1 in which each 64-bit field is its own number (field 0 is RAX).</summary>
    public static byte[] QemuState(int bytes = 440)
    {
        var state = new byte[bytes];
        for (var field = 0; 8 + field * 8 + 8 <= bytes; field++)
            BinaryPrimitives.WriteUInt64LittleEndian(state.AsSpan(8 + field * 8), (ulong)field);
        BinaryPrimitives.WriteUInt32LittleEndian(state, 1);
        BinaryPrimitives.WriteInt32LittleEndian(state.AsSpan(4), bytes);
        return state;
    }

    public byte[] Build()
    {
        var count = _segments.Count + 1;
        const int headers = 128;
        var notesAt = headers + count * 56;
        var dataAt = notesAt + _notes.Count;
        var file = new MemoryStream();
        var writer = new BinaryWriter(file);
        writer.Write([0x7f, (byte)'E', (byte)'L', (byte)'F', Class, Order, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        WriteUInt16(Type);
        WriteUInt16(Machine);
        writer.Write(1u);
        writer.Write(0UL);
        writer.Write((ulong)headers);   // e_phoff
        writer.Write(64UL);             // e_shoff
        writer.Write(0u);
        writer.Write((ushort)64);
        writer.Write((ushort)56);
        writer.Write((ushort)(CountInSection ? 0xffff : count));
        writer.Write((ushort)64);
        writer.Write((ushort)1);
        writer.Write((ushort)0);
        var section = new byte[64];
        BinaryPrimitives.WriteInt32LittleEndian(section.AsSpan(44), CountInSection ? count : 0);   // sh_info
        writer.Write(section);

        WriteSegment(4, (ulong)notesAt, 0, 0, (ulong)_notes.Count, (ulong)_notes.Count);
        var offset = (ulong)dataAt;
        foreach (var (type, address, virtualAddress, content, memoryBytes, shared) in _segments)
        {
            WriteSegment(type, shared ?? offset, virtualAddress, address, (ulong)content.Length, memoryBytes ?? (ulong)content.Length);
            if (shared is null)
                offset += (ulong)content.Length;
        }
        writer.Write(_notes.ToArray());
        foreach (var segment in _segments.Where(segment => segment.Offset is null))
            writer.Write(segment.Content);
        return file.ToArray();

        void WriteUInt16(ushort value) => writer.Write(Order == 2 ? BinaryPrimitives.ReverseEndianness(value) : value);

        void WriteSegment(uint type, ulong at, ulong virtualAddress, ulong address, ulong fileBytes, ulong memoryBytes)
        {
            writer.Write(type);
            writer.Write(0u);
            writer.Write(at);
            writer.Write(virtualAddress);
            writer.Write(address);
            writer.Write(fileBytes);
            writer.Write(memoryBytes);
            writer.Write(0UL);
        }
    }

    private void AddPadded(ReadOnlySpan<byte> bytes)
    {
        _notes.AddRange(bytes);
        while (_notes.Count % 4 != 0)
            _notes.Add(0);
    }
}
